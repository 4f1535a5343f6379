// What the targets saw, attempt by attempt, held against the promises about deliveries.
//
//   S3   no attempt starts before its due instant plus its jitter
//   S2   none starts of a run whose end is durable, or was decided in this life
//   C-11 skip: what was missed while the server was down is not sent; fire_all: it is sent oldest
//        first and no faster than its rate
//   BF3  no run of a backfill starts before it is durable
//   C-12 no more attempts of a task at once than its overlap policy allows; none after a cut
//   C-16 nothing excluded is sent
//   C-7  a send that cannot be excluded to have happened before is flagged, in every later one
//   C-6  a run to be sent at most once: its claim is durable before, and no second send follows one
//        that may have reached the target, whatever happens between
//   C-13 no retry before the end of the attempt before it, nor before the Retry-After it was told
//   CO1  none starts of a run that is durably left to its target, before its time is up
//   CO4  nor is a target given up earlier than its task says, unless it was reported for
//   C-8  without a fault: no flag, and each attempt once; after a crash: only what was unrecorded
// Thread: one world's.
#pragma once

#include <map>
#include <vector>

#include "engine/ports.h"
#include "tests/sim/ledger.h"
#include "tests/sim/trace.h"

namespace hourwheel {

class Deliveries {
 public:
  Deliveries(Trace& trace, const Ledger& ledger) : trace_(trace), ledger_(ledger) {}

  void started(const AttemptStart& attempt);
  enum class End { kOnItsOwn, kCut };
  void ended(const RunKey& run, const AttemptOutcome& outcome, End how);
  // A report on that attempt is asked for; it was refused, so it counts for nothing.
  void report_asked(const RunKey& run, uint32_t attempt) { count_report(run, attempt, 1); }
  void report_refused(const RunKey& run, uint32_t attempt) { count_report(run, attempt, -1); }
  void booted(Instant now) { up_since_ = now; }
  // Set back, the wall clock takes along what is in memory, and only that.
  void clock_stepped(Duration step);
  enum class Stop { kClean, kCrash };
  void stopped(Stop how);

  [[nodiscard]] size_t sends() const { return sends_count_; }
  [[nodiscard]] size_t repeats() const { return repeats_; }

 private:
  enum class Kind : uint8_t { kScheduled, kBackfilled, kOther };  // kOther: manual, redriven
  struct Send {
    Kind kind = Kind::kScheduled;
    uint32_t life = 0;
    uint32_t attempt = 0;
    TaskNumber task;
    Instant started;
    bool over = false;
    bool unanswered = true;  // it may have been carried out, and nobody told
    bool succeeded = false;
    bool at_most_once = false;
    bool may_have_arrived = true;  // until it ended without a byte sent
    Instant next_not_before;       // of the next attempt
    bool cut = false;
    std::string success_body;
    std::optional<CompletionPolicy> completion{};
    Instant timed_from;  // when it started, by the clock as it is set now
    Instant left_until;  // nothing is sent before, unless there is a report
    // Asked for and not refused: whether the next one must be flagged, and when, is not known then.
    int reports = 0;
  };
  struct InFlight {
    uint32_t scheduled = 0;
    uint32_t backfilled = 0;
    uint32_t others = 0;
    uint32_t& of(Kind kind) {
      if (kind == Kind::kOther) return others;
      return kind == Kind::kScheduled ? scheduled : backfilled;
    }
  };
  struct MadeUp {  // of a task's missed instants, in this life
    uint64_t count = 0;
    Instant last;
  };
  [[nodiscard]] Kind kind_of(const AttemptStart& attempt) const;
  static void left_to_target(Send& send, const AttemptOutcome& outcome);
  void count_report(const RunKey& run, uint32_t attempt, int by);
  void check_due(const Ledger::Task& task, const AttemptStart& attempt);
  void check_made_up(const Ledger::Task& task, const AttemptStart& attempt);
  void check_overlap(const Ledger::Task& task, const AttemptStart& attempt);
  void check_claim(const AttemptStart& attempt, const Ledger::Task& task);
  void check_not_left(const AttemptStart& attempt, const Ledger::Task& task,
                      const std::vector<Send>& earlier);
  void check_not_over(const AttemptStart& attempt, const std::vector<Send>& earlier);
  void check_earlier(const AttemptStart& attempt, const std::vector<Send>& earlier);
  [[nodiscard]] static bool any_reported(const std::vector<Send>& sends);
  [[nodiscard]] bool must_flag(const RunKey& run, const std::vector<Send>& earlier) const;

  Trace& trace_;
  const Ledger& ledger_;
  std::map<RunKey, std::vector<Send>> sends_;
  std::map<TaskNumber, InFlight> in_flight_;
  std::map<TaskNumber, MadeUp> made_up_;
  Instant up_since_;
  uint32_t life_ = 1;
  bool unclean_ = false;  // a stop so far left sends in doubt
  size_t sends_count_ = 0;
  size_t repeats_ = 0;
};

}  // namespace hourwheel
