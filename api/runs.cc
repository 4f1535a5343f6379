// The requests about runs: the rows of the run log, put together to runs and attempts.
#include "api/runs.h"

#include <algorithm>
#include <utility>

#include "api/handlers.h"
#include "api/page_request.h"
#include "api/page_token.h"

namespace hourwheel {
namespace {

// Both parts are asked of the task's shard, so that one round trip answers.
constexpr uint32_t kTaskPart = 0;
constexpr uint32_t kRunsPart = 1;

// Waits for the task and for rows of its run log.
class RunsAnswer : public Answer {
 public:
  void on_part(Calls& calls, Call& call, Reply reply) override {
    auto& answer = std::get<Result<QueryAnswer>>(reply.body);
    if (reply.token.shard == kTaskPart) {
      task_ = answer ? Result<StoredTask>(std::move(std::get<StoredTask>(*answer)))
                     : Result<StoredTask>(failure(std::move(answer.error())));
    } else {
      runs_ = answer ? Result<RunPage>(std::move(std::get<RunPage>(*answer)))
                     : Result<RunPage>(failure(std::move(answer.error())));
    }
    if (task_ && runs_) on_both(calls, call, *task_, *runs_);
  }

 protected:
  virtual void on_both(Calls& calls, Call& call, Result<StoredTask>& task,
                       Result<RunPage>& runs) = 0;

 private:
  std::optional<Result<StoredTask>> task_;
  std::optional<Result<RunPage>> runs_;
};

void ask_for_runs(Calls& calls, Call& call, TaskKey key, Query query) {
  uint32_t shard = calls.shards().shard_of(key);
  // If only the second is refused, the reply to the first finds the call gone.
  if (!calls.post(call, kTaskPart, shard, GetTask{key}) ||
      !calls.post(call, kRunsPart, shard, std::move(query))) {
    calls.refuse(call, ErrorCode::kOverloaded, "the task's shard has no room for more requests");
  }
}

// A page of a task's runs, newest first. A run is told once, by its newest row.
//
// The run log has a row for each failed attempt and one for the end. Within a page the newest row
// of a run comes first. A row of a failed attempt on a later page stands for its run only while the
// next attempt lies ahead, since a newer row is then impossible.
class RunListAnswer : public RunsAnswer {
 public:
  RunListAnswer(PageRequest page, std::string asked, TaskKey key)
      : page_(std::move(page)), asked_(std::move(asked)), key_(key) {}

 protected:
  void on_both(Calls& calls, Call& call, Result<StoredTask>& task, Result<RunPage>& runs) override {
    if (!task) return calls.refuse(call, std::move(task.error()));
    if (!runs) return calls.refuse(call, std::move(runs.error()));
    HttpResponse response;
    JsonWriter json(response.body);
    json.begin_object();
    json.name("runs");
    json.begin_array();
    if (page_.token.empty()) write_open(json, *task, *runs);
    for (const RunRecord& record : runs->records) write_record(calls, json, *task, record);
    json.end_array();
    if (runs->next != 0) {
      std::string token = write_page_token(asked_, {{runs->next}});
      json.name("next_page_token");
      json.string(token);
      response.fields.emplace_back("link",
                                   next_link(task_location(call.id) + "/runs", page_, token));
    }
    json.end_object();
    calls.respond(call, std::move(response));
  }

 private:
  [[nodiscard]] bool is_first_of_its_run(const RunRecord& record) {
    if (std::find(seen_.begin(), seen_.end(), record.key) != seen_.end()) return false;
    seen_.push_back(record.key);
    return true;
  }

  void write_record(Calls& calls, JsonWriter& json, const StoredTask& task,
                    const RunRecord& record) {
    if (!is_first_of_its_run(record)) return;
    bool newest_for_sure = is_end(record.state) || page_.token.empty() ||
                           (record.next_attempt && *record.next_attempt > calls.now());
    if (newest_for_sure) write_run(json, {task.spec.id, key_}, {&record, 1});
  }

  // Rows from before its redrive tell how it ended then, and what a target goes on with is newer
  // than how the attempts before it failed.
  static bool tells_newer(const RunRecord& record, const OpenRun& run) {
    if (record.key != run.key || record.redrive_count < run.redrive_count) return false;
    return !run.is_with_target() || is_end(record.state) || record.attempt >= run.attempts;
  }
  // Of its last attempt, or of the next one.
  static Instant start_of_last(const OpenRun& run) {
    return run.awaited && run.is_with_target() ? run.awaited->started : run.next_attempt;
  }

  // Open runs without a row. The stored state may lag behind the log, so a run is told only if a
  // row of it, which would be newer than its start, would be on this page.
  void write_open(JsonWriter& json, const StoredTask& task, const RunPage& runs) {
    for (const OpenRun& run : task.state.open) {
      bool has_row =
          std::any_of(runs.records.begin(), runs.records.end(),
                      [&run](const RunRecord& record) { return tells_newer(record, run); });
      bool page_covers_it = runs.next == 0 || runs.records.empty() ||
                            runs.records.back().recorded < start_of_last(run);
      if (!has_row && page_covers_it) {
        seen_.push_back(run.key);
        write_open_run(json, {task.spec.id, key_}, run, task.state.version);
      }
    }
  }

  PageRequest page_;
  std::string asked_;
  TaskKey key_;
  std::vector<RunKey> seen_;
};

enum class RunView : uint8_t { kRun, kAttempts };

class OneRunAnswer : public RunsAnswer {
 public:
  OneRunAnswer(const ParsedRunId& run, RunView view) : run_(run), view_(view) {}

 protected:
  void on_both(Calls& calls, Call& call, Result<StoredTask>& task, Result<RunPage>& runs) override {
    if (!runs && runs.error().code != ErrorCode::kNotFound) {
      return calls.refuse(call, std::move(runs.error()));
    }
    // Whoever reaches some tasks only is told of none that is gone (SL3).
    if (!task && (task.error().code != ErrorCode::kNotFound || call.caller.narrowed())) {
      return calls.refuse(call, std::move(task.error()));
    }
    std::vector<RunRecord> records;
    if (runs) records = std::move(runs->records);
    const OpenRun* open = task ? std::as_const(task->state).find_open(run_.run) : nullptr;
    if (records.empty() && open == nullptr) {
      return calls.refuse(call, ErrorCode::kNotFound, "there is no such run");
    }
    // A deleted task's runs are still known; its id is not.
    std::string_view task_id = task ? std::string_view(task->spec.id) : std::string_view();
    HttpResponse response;
    JsonWriter json(response.body);
    if (view_ == RunView::kAttempts) {
      write_attempts(json, records);
    } else if (records.empty() ||
               (open != nullptr && records.back().redrive_count < open->redrive_count) ||
               (open != nullptr && (open->in_flight || open->is_with_target()) &&
                !is_end(records.back().state))) {
      write_open_run(json, {task_id, run_.task}, *open, task->state.version);
    } else {
      write_run(json, {task_id, run_.task}, records);
    }
    calls.respond(call, std::move(response));
  }

 private:
  static void write_attempts(JsonWriter& json, const std::vector<RunRecord>& records) {
    json.begin_object();
    json.name("attempts");
    json.begin_array();
    for (const RunRecord& record : records) {
      // A claim that was lost is no attempt that ended.
      const bool ended = record.outcome.result != AttemptResult::kNone;
      if (record.attempt > 0 && ended) write_attempt(json, record);
    }
    json.end_array();
    json.end_object();
  }

  ParsedRunId run_;
  RunView view_;
};

void ask_for_run(Calls& calls, Call& call, RunView view) {
  auto run = parse_run_id(call.id);
  if (!run) return calls.refuse(call, ErrorCode::kNotFound, "this is not a run's id");
  call.answer = std::make_unique<OneRunAnswer>(*run, view);
  ask_for_runs(calls, call, run->task, GetRun{run->task, run->run});
}

}  // namespace

void list_runs(Calls& calls, Call& call, const HttpRequest& request) {
  auto page = read_page_request(request.query);
  if (!page) return calls.refuse(call, std::move(page.error()));
  if (!page->rest.empty()) {
    return calls.refuse(call, ErrorCode::kBadRequest,
                        "the query takes no parameter \"" + page->rest.front().first + "\"");
  }
  TaskKey key = task_key(call.id);
  std::string asked = "runs/" + call.id;
  ListRuns query{key, 0, page->size};
  if (!page->token.empty()) {
    auto positions = read_page_token(page->token, asked, 1);
    if (!positions) return calls.refuse(call, std::move(positions.error()));
    query.before = positions->front();
  }
  call.answer = std::make_unique<RunListAnswer>(std::move(*page), std::move(asked), key);
  ask_for_runs(calls, call, key, query);
}

void get_run(Calls& calls, Call& call, const HttpRequest& /*request*/) {
  ask_for_run(calls, call, RunView::kRun);
}

void list_attempts(Calls& calls, Call& call, const HttpRequest& /*request*/) {
  ask_for_run(calls, call, RunView::kAttempts);
}

}  // namespace hourwheel
