// A task's rule for when it is due: the compiled form of the stored facts (schedule_spec.h), which
// answers the scheduler's questions: what is next, what is first, what was missed, what of it is
// not to run, and how much later than due a run starts.
//
//   Due instants are those of the rule within the window [start_at, end_at). Excluded ones are due
//   all the same: the ledger records each as skipped. max_runs is the firing engine's to keep.
//   A fixed delay has one due instant at a time: as soon as it is asked for after its anchor, and
//   then a delay after the end of each run. It answers next_after with nothing, because that is
//   not known before the run has ended: ask after_end then.
//
// Invariants
//   SC1  next_after(t) > t; first_from(t) >= t.
//   SC2  All answers are pure functions of the spec and the seed (and of the installed time zones):
//        the same after a restart, never dependent on when or how often they were asked.
//   SC3  A Schedule that compile() returned was due or will be due at least once at an instant that
//        is not excluded.
// Cost: at and every a few ns; cron 0.3 us for the next due instant. missed() takes 4 us for the
//   dues of an hour, 2 to 90 us for those of ten years, 5 ms for all years there are. compile()
//   asks at most once per excluded range whether something is due behind it. No input makes a
//   search run away.
// Thread: an immutable value, any thread. compile() may read a zone's file on its first use.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/base/result.h"
#include "engine/base/time.h"
#include "engine/schedule/calendar.h"
#include "engine/schedule/exclusions.h"
#include "engine/schedule/occurrence.h"
#include "engine/schedule/schedule_spec.h"
#include "engine/schedule/spread.h"

namespace hourwheel {

struct Missed {
  uint64_t count = 0;
  Instant newest;
  friend bool operator==(const Missed&, const Missed&) = default;
};

class Schedule {
 public:
  // kInvalidSchedule with the cron field and value, kNeverFires, or kInvalidTimezone. The seed is
  // the task's, spread_seed(task_key(id)): with another one, H would name other instants.
  static Result<Schedule> compile(const ScheduleSpec& spec, SpreadSeed seed);

  // The first due instant after t; nullopt: the schedule is over, or waits for the end of a run.
  [[nodiscard]] std::optional<Instant> next_after(Instant t) const;
  // The first due instant at or after t.
  [[nodiscard]] std::optional<Instant> first_from(Instant t) const;
  // The due instants in [from, through]; nullopt: there is none. Of a fixed delay, `from` is the
  // one due instant there is.
  [[nodiscard]] std::optional<Missed> missed(Instant from, Instant through) const;

  // How many there are in [from, through]: cheaper than missed(), which looks for the newest too.
  [[nodiscard]] uint64_t count(Instant from, Instant through) const;

  // Of a fixed delay: when the next run is due after one that ended then (or, of an excluded due
  // instant: after that one). nullopt: the schedule is over, or is of another kind.
  [[nodiscard]] std::optional<Instant> after_end(Instant ended) const;
  [[nodiscard]] bool is_fixed_delay() const { return std::holds_alternative<FixedDelay>(rule_); }

  // Whether what is due then is not to run; and all such ranges, ascending.
  [[nodiscard]] bool excluded(Instant due) const { return exclusions_.at(due).has_value(); }
  [[nodiscard]] std::span<const InstantRange> exclusions() const { return exclusions_.ranges(); }

  // With jitter, the last instant at which the run of `due` may start; `next` as below.
  [[nodiscard]] Instant latest_start(Instant due, std::optional<Instant> next) const;
  // How much later than `due` its run starts: uniform from nothing to the schedule's jitter, but
  // before `next`, the due instant that follows (if one does). A pure function of these and the
  // seed, which is to be made of the run's identity.
  [[nodiscard]] Duration jitter_of(uint64_t run_seed, Instant due,
                                   std::optional<Instant> next) const;

  // What there is to say of a due instant: its local time, and what the clocks or an exclusion did
  // to it. In UTC for kinds without a zone.
  [[nodiscard]] Occurrence explain(Instant due) const;
  // The first `most` local times in [from, end) that the schedule names and that are not due,
  // because the clocks jump over them and it says skip, or because a whole day is missing.
  [[nodiscard]] std::vector<LeftOut> left_out(Instant from, Instant end, size_t most) const;
  // Whether the rule is one of elapsed time when clocks are changed, and not of fixed times of a
  // day.
  [[nodiscard]] bool follows_elapsed_time() const;
  // The cron expression, compiled; null for other kinds.
  [[nodiscard]] const Cron* cron() const;

 private:
  struct At {
    Instant due;
  };
  struct Every {
    Instant anchor;
    Duration step;
  };
  struct FixedDelay {
    Instant first;
    Duration delay;
  };
  using Rule = std::variant<At, Every, FixedDelay, Calendar>;
  explicit Schedule(const Rule& rule) : rule_(rule) {}
  static Result<Rule> compile_rule(const ScheduleSpec& spec, SpreadSeed seed);
  static std::optional<Instant> first_of(const Every& every, Instant t);
  static std::optional<Missed> missed_of(const Every& every, Instant from, Instant through);
  static std::optional<Missed> missed_of(const Calendar& calendar, Instant from, Instant through);
  [[nodiscard]] std::optional<Instant> rule_first_from(Instant t) const;
  // Whether anything is due and not excluded.
  [[nodiscard]] Status check_fires(const ScheduleSpec& spec) const;

  Rule rule_;
  Instant start_ = kFirstInstant;  // the window's first instant
  Instant last_ = kLastInstant;    // and its last
  Duration jitter_;
  Exclusions exclusions_;
};

// Reads the string form of a schedule: an RFC 3339 instant, cron fields or a macro (UTC, or the
// zone in front of them), or a duration: every such length from now on, for a one-time task once
// after it. A type, when given, must agree. Leaves `source` empty. Schedule::compile has the last
// word on cron expressions and short intervals.
Result<ScheduleSpec> parse_schedule_text(std::string_view text, std::optional<TaskType> type,
                                         Instant now);

// Reads what stands under "cron": fields, a macro, or "@every <duration>", which becomes kEvery
// anchored at now (a zone then has no meaning and is dropped). "CRON_TZ=Zone " or "TZ=Zone " in
// front names the zone; one that contradicts `timezone` is refused. Empty: none is given.
Result<ScheduleSpec> parse_cron_text(std::string_view text, std::string_view timezone, Instant now);

// Refuses a one-time instant more than kPastGrace ago (C-17), for those who did not say allow_past.
Status check_not_past(const ScheduleSpec& spec, Instant now);

}  // namespace hourwheel
