// A cron expression as it was written: its fields entry by entry, for whoever must speak about it
// (describe, advice). What is due is Cron's business; here "*/15" and "0,15,30,45" differ.
//
// Invariants
//   WC1  Of an expression that Cron::parse accepts, what is read here has the same values; what is
//        not understood gives nullopt, never a guess.
// Cost: about 0.5 us, some small allocations: for requests of people, not for firing.
// Thread: a pure function, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace hourwheel {

enum class EntryForm : uint8_t {
  kAny,          // * or ?, by step
  kValues,       // first to last, by step; last < first wraps round
  kHash,         // H: a value of first to last drawn from the task's id, by step if that is not 0
  kLastDay,      // L, or first days before it
  kLastWorkday,  // LW
  kNearestWorkday,  // firstW
  kNthWeekday,      // first#last
  kLastWeekday,     // firstL
};

struct WrittenEntry {
  EntryForm form = EntryForm::kAny;
  int first = 0;
  int last = 0;
  int step = 1;
  bool to_end = false;  // kValues: "5/15", from first to the field's end

  [[nodiscard]] bool is_one_value() const { return form == EntryForm::kValues && first == last; }
};

struct WrittenField {
  std::vector<WrittenEntry> entries;
  bool restricted = false;  // written other than * or ?

  // Every value, step by step of one.
  [[nodiscard]] bool is_any() const;
  // Only single values: "0,15,30".
  [[nodiscard]] bool is_list() const;
  // One "*/n", "m/n" or "m-k/n" with n > 1.
  [[nodiscard]] bool is_step() const;
  [[nodiscard]] const WrittenEntry& front() const { return entries.front(); }
  // The values of a list, ascending, each once. Requires: is_list().
  [[nodiscard]] std::vector<int> values() const;
};

struct WrittenCron {
  WrittenField second;  // of 5 fields: 0
  WrittenField minute;
  WrittenField hour;
  WrittenField day;
  WrittenField month;
  WrittenField weekday;  // 0 and 7 are Sunday
  WrittenField year;     // of 5 and 6 fields: any
};

// Requires: Cron::parse takes the text; macros are spelled out.
std::optional<WrittenCron> read_written_cron(std::string_view text);

}  // namespace hourwheel
