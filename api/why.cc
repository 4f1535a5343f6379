// Why did it run, or not run, at an instant? Answered from what is stored: the run log's rows about
// that instant, the open runs, the schedule and the pauses: the task's own, and the global ones
// that are in force or still remembered; and the breaker of its target (engine/breaker.h).
//
// Cost: the store's search (one binary search in a piece of the run log, then at most 1,024 rows of
// the task), and a few schedule steps.
#include <algorithm>
#include <utility>

#include "api/handlers.h"
#include "api/pause_json.h"
#include "api/runs.h"
#include "api/url_text.h"
#include "api/words.h"
#include "engine/schedule/schedule.h"
#include "engine/schedule/time_text.h"

namespace hourwheel {
namespace {

struct Because {
  std::string_view answer;
  std::string reason;  // empty: the answer says it all
  std::string detail;
};

class Explanation {
 public:
  Explanation(const RunsFound& found, const Schedule& schedule, const Pauses& pauses, Instant at,
              Instant now)
      : found_(found),
        state_(found.task.state),
        schedule_(schedule),
        at_(at),
        now_(now),
        holds_now_(pauses.holding(found.task.spec.labels, now)),
        held_then_(pauses.held_at(found.task.spec.labels, at)) {
    for (const OpenRun& run : state_.open) {
      const bool better = open_ == nullptr || run.key.trigger == Trigger::kSchedule;
      if (run.due == at && better) open_ = &run;
    }
    for (const RunRecord& record : found.records) {
      if (!is_about(record)) continue;
      // Of several runs with that instant the schedule's own is meant.
      bool better = record_ == nullptr || record.key == record_->key ||
                    record.key.trigger < record_->key.trigger;
      if (better) record_ = &record;
    }
    if (open_ != nullptr && record_ != nullptr && record_->key.trigger < open_->key.trigger) {
      open_ = nullptr;
    }
  }

  [[nodiscard]] Because decide() const {
    if (open_ != nullptr) return of_open_run();
    if (record_ != nullptr) return of_record();
    if (at_ < state_.created) {
      return {"unknown", "before_creation",
              "The task was created later, at " + text(state_.created)};
    }
    return at_ > now_ ? of_future() : of_past();
  }

  void write(JsonWriter& json) const {
    Because because = decide();
    json.begin_object();
    json.name("at");
    json.instant(at_);
    json.name("answer");
    json.string(because.answer);
    if (!because.reason.empty()) {
      json.name("reason");
      json.string(because.reason);
    }
    json.name("detail");
    json.string(because.detail + ".");
    write_run_member(json);
    write_pause_members(json, because);
    write_nearest(json);
    json.end_object();
  }

 private:
  static std::string text(Instant t) { return to_text(t); }

  // A fixed delay has one due instant at a time.
  [[nodiscard]] bool is_due(Instant t) const {
    return schedule_.is_fixed_delay() ? state_.next_due == t : schedule_.first_from(t) == t;
  }
  // A row for several instants speaks of those of the schedule between its ends only.
  [[nodiscard]] bool is_about(const RunRecord& record) const {
    if (record.count == 1) return record.due == at_;
    return record.key.generation != state_.generation || is_due(at_);
  }
  // From when on the schedule in force says what was due.
  [[nodiscard]] Instant ruled_since() const {
    if (state_.ruled_since) return *state_.ruled_since;
    return state_.generation.value == found_.task.number.value ? state_.created : state_.updated;
  }

  [[nodiscard]] Because of_open_run() const {
    if (open_->in_flight) {
      return {"running", open_->canceled ? "cancel_requested" : "",
              "Attempt " + std::to_string(open_->attempts) + " is under way"};
    }
    if (open_->is_with_target()) {
      return {"running", "awaits_report",
              "Attempt " + std::to_string(open_->attempts) +
                  " is with its target, which is to report by " + text(open_->next_attempt)};
    }
    if (is_paused()) return of_pause("Its run waits");
    if (waits_for_breaker(open_->next_attempt)) return of_breaker();
    std::string wait = open_->attempts > open_->attempts_before ? "retry" : "turn";
    return {"waiting", wait,
            "The run waits for its " + wait + ", which comes at " + text(open_->next_attempt) +
                " or later"};
  }

  // What would start at t.
  [[nodiscard]] bool waits_for_breaker(Instant t) const {
    return found_.breaker_until && *found_.breaker_until > std::max(t, now_);
  }
  [[nodiscard]] Because of_breaker() const {
    return {"waiting", "breaker",
            "Its target's attempts failed in a row, so nothing is sent there until " +
                text(*found_.breaker_until)};
  }

  [[nodiscard]] Because of_record() const {
    const RunRecord& record = *record_;
    switch (record.state) {
      case RunState::kSucceeded:
        return {"fired", "", "The run succeeded with attempt " + std::to_string(record.attempt)};
      case RunState::kDead:
        return {"dead", found_.dead ? "" : "letter_gone",
                found_.dead ? "The run failed for good with attempt " +
                                  std::to_string(record.attempt) + "; it can be redriven"
                            : std::string("The run failed for good; its dead letter was redriven "
                                          "or is kept no more")};
      case RunState::kSkipped:
        return {"skipped", std::string(word_of(record.skip_reason)),
                of_skip(record) + (held_then() != nullptr ? while_held(*held_then_) : "")};
      case RunState::kCanceled:
        return {"canceled", "", "The run was canceled at " + text(record.recorded)};
      case RunState::kUnknown:
        return {"unknown", "result_lost",
                "The run was sent, and its result was lost; it is not sent again"};
      case RunState::kPending:
      case RunState::kRunning:
      case RunState::kRetrying:
        break;
    }
    return {"unknown", "end_not_found",
            "Attempt " + std::to_string(record.attempt) +
                " failed; the run's end is not among the rows looked at"};
  }

  [[nodiscard]] static std::string of_skip(const RunRecord& record) {
    if (record.count == 1) {
      return "It was passed over by the " + std::string(word_of(record.skip_reason)) + " rule";
    }
    return std::to_string(record.count) + " due instants from " + text(record.due) + " to " +
           text(record.last_due) + " were passed over by the " +
           std::string(word_of(record.skip_reason)) + " rule";
  }

  // Now, by its own pause or by a global one. The first is told of: it is nearer.
  [[nodiscard]] bool is_paused() const { return state_.pause || holds_now_ != nullptr; }
  [[nodiscard]] Because of_pause(const std::string& what) const {
    if (!state_.pause) return {"paused", holds_now_->reason, what + while_held(*holds_now_)};
    return {"paused", state_.pause->reason,
            what + ": the task is paused since " + text(state_.pause->since) +
                (state_.pause->until ? " until " + text(*state_.pause->until) : "")};
  }
  // The global pause for which the row of the log that is told of was passed over.
  [[nodiscard]] const GlobalPause* held_then() const {
    const bool paused =
        open_ == nullptr && record_ != nullptr && record_->skip_reason == SkipReason::kPaused;
    return paused ? held_then_ : nullptr;
  }
  [[nodiscard]] static std::string while_held(const GlobalPause& pause) {
    const auto end = pause.end();
    const std::string which = pause.labels.empty() ? "everything" : "the tasks with its labels";
    return ": " + pause_id(pause.id) + (pause.ended ? " held " : " holds ") + which + " since " +
           text(pause.since) + (end ? " until " + text(*end) : "");
  }

  [[nodiscard]] Because of_future() const {
    bool due = state_.next_due && at_ >= *state_.next_due && is_due(at_);
    if (!due) return not_due();
    if (schedule_.excluded(at_)) return excluded();
    if (is_paused() && pause_reaches(at_)) return of_pause("It will not run then");
    return {"upcoming", "", "It is due then"};
  }

  [[nodiscard]] Because of_past() const {
    const bool lost = found_.kept_from && at_ < *found_.kept_from;
    const char* kept = "The run log keeps nothing from that time any more";
    if (at_ < ruled_since()) {
      if (lost) return {"unknown", "beyond_retention", kept};
      return {"unknown", "former_schedule",
              "Another schedule was in force then, and no run of that instant is recorded"};
    }
    if (!is_due(at_)) return not_due();
    if (state_.next_due && at_ >= *state_.next_due) {
      if (is_paused()) return of_pause("It has not run");
      if (!state_.open.empty()) {
        return {"waiting", "overlap", "It has come due while another run of the task is open"};
      }
      if (waits_for_breaker(at_)) return of_breaker();
      return {"late", "", "It has come due and is about to become a run"};
    }
    if (schedule_.excluded(at_)) return excluded();
    if (lost) return {"unknown", "beyond_retention", kept};
    if (found_.cut_short) {
      return {"unknown", "search_bound",
              "Nothing about it is among the rows that one search looks at"};
    }
    return {"unknown", "not_recorded", "It was due, and no row of the run log tells of it"};
  }

  [[nodiscard]] static Because excluded() {
    return {"skipped", "excluded", "It is due then, and the schedule excludes it"};
  }

  [[nodiscard]] Because not_due() const {
    return {"not_due", state_.next_due || at_ <= now_ ? "" : "schedule_over",
            "The schedule has no due instant at exactly this millisecond"};
  }

  void write_run_member(JsonWriter& json) const {
    RunOwner owner{found_.task.spec.id, found_.task.key};
    if (open_ != nullptr) {
      json.name("run");
      write_open_run(json, owner, *open_, state_.version);
    } else if (record_ != nullptr) {
      json.name("run");
      write_run(json, owner, {record_, 1});
    }
  }

  // The pause that is told of goes on at t.
  [[nodiscard]] bool pause_reaches(Instant t) const {
    const auto until = state_.pause ? state_.pause->until : holds_now_->until;
    return !until || *until > t;
  }

  void write_pause_members(JsonWriter& json, const Because& because) const {
    const bool paused = because.answer == "paused";
    const GlobalPause* by = paused && !state_.pause ? holds_now_ : held_then();
    if (by != nullptr) {
      json.name("paused_by");
      write_global_pause(json, *by);
    }
    if (!paused || !state_.pause) return;
    json.name("paused_since");
    json.instant(state_.pause->since);
    if (!state_.pause->until) return;
    json.name("paused_until");
    json.instant(*state_.pause->until);
  }

  // The schedule's instants before and after, as far as the one in force reaches.
  void write_nearest(JsonWriter& json) const {
    json.name("nearest");
    json.begin_object();
    if (schedule_.is_fixed_delay()) {
      if (state_.next_due && *state_.next_due != at_) {
        json.name(*state_.next_due < at_ ? "before" : "after");
        json.instant(*state_.next_due);
      }
      return json.end_object();
    }
    auto first = schedule_.first_from(ruled_since());
    if (first && *first < at_) {
      json.name("before");
      json.instant(schedule_.missed(*first, at_ - milliseconds(1))->newest);
    }
    auto after = schedule_.next_after(std::max(at_, ruled_since() - milliseconds(1)));
    if (after) {
      json.name("after");
      json.instant(*after);
    }
    json.end_object();
  }

  const RunsFound& found_;
  const TaskState& state_;
  const Schedule& schedule_;
  Instant at_;
  Instant now_;
  const GlobalPause* holds_now_;
  const GlobalPause* held_then_;
  const OpenRun* open_ = nullptr;
  const RunRecord* record_ = nullptr;
};

class WhyAnswer : public Answer {
 public:
  explicit WhyAnswer(Instant at) : at_(at) {}

  void on_part(Calls& calls, Call& call, Reply reply) override {
    auto& answer = std::get<Result<QueryAnswer>>(reply.body);
    if (!answer) return calls.refuse(call, std::move(answer.error()));
    const auto& found = std::get<RunsFound>(*answer);
    auto schedule = Schedule::compile(found.task.spec.schedule, spread_seed(found.task.key));
    if (!schedule) return calls.refuse(call, std::move(schedule.error()));
    HttpResponse response;
    JsonWriter json(response.body);
    Explanation(found, *schedule, calls.pauses(), at_, calls.now()).write(json);
    calls.respond(call, std::move(response));
  }

 private:
  Instant at_;
};

}  // namespace

void explain_instant(Calls& calls, Call& call, const HttpRequest& request) {
  auto parameters = parse_query(request.query);
  if (!parameters) return calls.refuse(call, std::move(parameters.error()));
  std::optional<Instant> at;
  for (const auto& [name, value] : *parameters) {
    auto instant = name == "at" ? parse_instant(value)
                                : Result<Instant>(failure(ErrorCode::kBadRequest, "", ""));
    if (!instant) break;
    at = *instant;
  }
  if (!at || parameters->size() != 1) {
    return calls.refuse(call, ErrorCode::kBadRequest,
                        "the query takes only at, an instant such as 2026-12-24T08:00:00Z");
  }
  TaskKey key = task_key(call.id);
  call.answer = std::make_unique<WhyAnswer>(*at);
  calls.ask_owner(call, key, RunsAround{key, *at});
}

}  // namespace hourwheel
