// GET /v1/runs?state=pending or running: the open runs of all tasks. Every shard goes through its
// tasks in the order of their creation, and shows beside what is stored what it has under way; what
// a round has found is told shard by shard. Each task is looked at once, so that a run that stays
// open is told once, and never left out, whatever happens between two pages.
//
// Cost: of a page at most kLongestOpenSearch of rounds. A shard reads the states of some hundred
// tasks in each, and the definitions of those that may have an open run.
#include <algorithm>
#include <utility>

#include "api/open_runs.h"
#include "api/page_token.h"
#include "api/record_filter.h"
#include "api/runs.h"

namespace hourwheel {
namespace {

constexpr uint32_t kTasksPerRound = 64;  // of a shard, each with at most kMaxOpenRuns
// Few tasks have open runs: after this the page is short, or empty, and its token goes on.
constexpr Duration kLongestOpenSearch = milliseconds(12);

bool matches_open(const RecordFilter& filter, const OpenRun& run) {
  auto wanted = [](const auto& values, auto value) {
    return values.empty() || std::find(values.begin(), values.end(), value) != values.end();
  };
  if (filter.run.due_after && run.due < *filter.run.due_after) return false;
  if (filter.run.due_before && run.due >= *filter.run.due_before) return false;
  return wanted(filter.states, run.state()) && wanted(filter.triggers, run.key.trigger);
}

class OpenRunListAnswer : public Answer {
 public:
  struct Lane {
    TaskNumber after;  // all up to here is told
    bool ended = false;
    std::optional<TaskPage> found;  // of the round under way
  };
  OpenRunListAnswer(RecordFilter filter, PageRequest page, std::string asked,
                    std::vector<Lane> lanes)
      : filter_(std::move(filter)),
        page_(std::move(page)),
        asked_(std::move(asked)),
        lanes_(std::move(lanes)) {
    tasks_.labels = filter_.run.labels;
  }

  void start(Calls& calls, Call& call) {
    tasks_.may_be_open_at = calls.now();
    search_until_ = calls.mono() + kLongestOpenSearch;
    for (uint32_t shard = 0; shard < lanes_.size(); ++shard) {
      const bool owns = !filter_.run.task || calls.shards().shard_of(*filter_.run.task) == shard;
      lanes_[shard].ended = lanes_[shard].ended || !owns;
    }
    go_on(calls, call);
  }

  void on_part(Calls& calls, Call& call, Reply reply) override {
    auto& answer = std::get<Result<QueryAnswer>>(reply.body);
    --outstanding_;
    TaskPage& found = lanes_[reply.token.shard].found.emplace();
    if (answer) {
      take(*answer, found);
    } else if (!filter_.run.task || answer.error().code != ErrorCode::kNotFound) {
      refusal_ = std::move(answer.error());  // else there is no such task, and no run
    }
    if (outstanding_ > 0) return;
    if (refusal_) return calls.refuse(call, std::move(*refusal_));
    for (Lane& lane : lanes_) tell(lane);
    go_on(calls, call);
  }

 private:
  [[nodiscard]] bool is_full() const { return told_ >= page_.size; }

  void go_on(Calls& calls, Call& call) {
    const bool at_end =
        std::all_of(lanes_.begin(), lanes_.end(), [](const Lane& lane) { return lane.ended; });
    if (is_full() || at_end || calls.mono() >= search_until_) return finish(calls, call, at_end);
    for (uint32_t shard = 0; shard < lanes_.size(); ++shard) {
      if (lanes_[shard].ended) continue;
      const Query query = filter_.run.task
                              ? Query(GetTask{*filter_.run.task})
                              : Query(ListTasks{tasks_, lanes_[shard].after, kTasksPerRound});
      if (calls.post(call, shard, shard, query)) {
        ++outstanding_;
      } else {
        refusal_ = Error{ErrorCode::kOverloaded, "", "a shard has no room for more requests"};
      }
    }
    // Parts under way are waited for.
    if (outstanding_ == 0) calls.refuse(call, std::move(*refusal_));
  }

  void take(QueryAnswer& answer, TaskPage& found) const {
    if (auto* page = std::get_if<TaskPage>(&answer)) {
      found = std::move(*page);
    } else if (auto& task = std::get<StoredTask>(answer); matches_spec(tasks_, task.spec)) {
      found.tasks.push_back(std::move(task));
    }
  }

  // As much as the page has room for; the runs of one task stay together.
  void tell(Lane& lane) {
    if (!lane.found) return;
    const TaskPage found = std::move(*std::exchange(lane.found, std::nullopt));
    for (const StoredTask& task : found.tasks) {
      if (is_full()) return;
      tell(task);
      lane.after = task.number;
    }
    lane.ended = !found.next;
    if (found.next) lane.after = found.next;
  }

  void tell(const StoredTask& task) {
    for (const OpenRun& run : task.state.open) {
      if (!matches_open(filter_, run)) continue;
      if (told_++ > 0) runs_ += ',';
      JsonWriter json(runs_);
      write_open_run(json, {task.spec.id, task.key}, run, task.state.version);
    }
  }

  void finish(Calls& calls, Call& call, bool at_end) {
    HttpResponse response;
    JsonWriter json(response.body);
    json.begin_object();
    json.name("runs");
    json.raw("[" + runs_ + "]");
    if (!at_end) {
      std::vector<uint64_t> positions;
      for (const Lane& lane : lanes_) positions.push_back(position_of({lane.after, lane.ended}));
      const std::string token = write_page_token(asked_, positions);
      json.name("next_page_token");
      json.string(token);
      response.fields.emplace_back("link", next_link(call.path, page_, token));
    }
    json.end_object();
    calls.respond(call, std::move(response));
  }

  RecordFilter filter_;
  PageRequest page_;
  std::string asked_;
  std::vector<Lane> lanes_;
  TaskFilter tasks_;
  Monotonic search_until_{};
  std::string runs_;  // JSON, with commas between
  uint32_t told_ = 0;
  size_t outstanding_ = 0;
  std::optional<Error> refusal_;
};

}  // namespace

void list_open_runs(Calls& calls, Call& call, PageRequest page) {
  auto filter = open_filter_of(page.rest);
  if (!filter) return calls.refuse(call, std::move(filter.error()));
  std::string asked = question_of("open", page.rest);
  std::vector<OpenRunListAnswer::Lane> lanes(calls.shards().shard_count());
  if (!page.token.empty()) {
    auto positions = read_page_token(page.token, asked, lanes.size());
    if (!positions) return calls.refuse(call, std::move(positions.error()));
    for (size_t i = 0; i < lanes.size(); ++i) {
      const TaskPlace place = task_place_at((*positions)[i]);
      lanes[i].after = place.after;
      lanes[i].ended = place.ended;
    }
  }
  auto answer = std::make_unique<OpenRunListAnswer>(std::move(*filter), std::move(page),
                                                    std::move(asked), std::move(lanes));
  OpenRunListAnswer& started = *answer;
  call.answer = std::move(answer);
  started.start(calls, call);
}

}  // namespace hourwheel
