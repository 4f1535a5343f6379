// Rows of JSON as a table, or one of them as a card, for people to read. An id is never cut,
// because people paste it; prose is, to the width of the terminal.
//
// Thread: one at a time; no I/O.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "api/json_reader.h"
#include "engine/base/time.h"
#include "tools/hourwheel/output_format.h"
#include "tools/hourwheel/terminal.h"
#include "tools/hourwheel/text_measure.h"

namespace hourwheel {

// What a member is, and so how it is shown.
enum class Show : uint8_t {
  kText,
  kProse,
  kTime,
  kState,
  kSchedule,  // its rule and zone, without the rest of the object; prose
  kLabels     // "team:billing, tier:1"; prose
};

struct Column {
  const char* title;
  const char* member;  // "last_run.state" is a member of a member
  Show show = Show::kText;
  bool wide_only = false;
};

struct Look {
  Instant now;
  bool wide = false;
  bool colour = false;
  uint32_t columns = 0;  // of the terminal; 0: no bound
};
Look look_of(OutputFormat format, const Terminal& terminal);

// One member as a line of text without control characters; "-" when it is absent or null. An error
// reads "code: message".
std::string cell_text(const JsonValue& row, const Column& column, const Look& look);

class Table {
 public:
  Table(std::span<const Column> columns, const Look& look);
  void add(const JsonValue& row);
  // Without rows the head alone.
  [[nodiscard]] std::string text() const;

 private:
  [[nodiscard]] std::vector<size_t> widths() const;
  [[nodiscard]] std::string line(const std::vector<std::string>& cells,
                                 const std::vector<size_t>& widths) const;

  std::vector<Column> columns_;
  Look look_;
  TextMeasure measure_;
  std::vector<std::vector<std::string>> rows_;
};

// One row, a line for each column that has something to say.
std::string card(const JsonValue& row, std::span<const Column> columns, const Look& look);

}  // namespace hourwheel
