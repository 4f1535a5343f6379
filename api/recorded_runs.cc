// Runs over all tasks: what the run logs of all shards keep, by pages, recorded last first. Asked
// for state=dead alone, the dead letters, which are kept for longer (dead_runs.cc); for pending or
// running, what no log knows yet (open_run_list.cc).
#include <algorithm>
#include <utility>

#include "api/handlers.h"
#include "api/lane_merge.h"
#include "api/open_runs.h"
#include "api/page_request.h"
#include "api/page_token.h"
#include "api/record_filter.h"
#include "api/runs.h"

namespace hourwheel {
namespace {

constexpr uint32_t kRecordsPerQuery = 256;
// A filter that matches little needs many looks: after this the page is short, or empty, and its
// token goes on.
constexpr Duration kLongestRunSearch = milliseconds(12);

// One page. A round asks every lane that holds nothing; when all have answered, what is known to be
// the newest is told, until the page is full or the search too long.
class RecordListAnswer : public Answer {
 public:
  RecordListAnswer(LaneMerge<RecordPage> merge, RecordFilter filter, PageRequest page,
                   std::string asked)
      : merge_(std::move(merge)),
        filter_(std::move(filter)),
        page_(std::move(page)),
        asked_(std::move(asked)) {}

  void start(Calls& calls, Call& call) {
    search_until_ = calls.mono() + kLongestRunSearch;
    ask(calls, call);
  }

  void on_part(Calls& calls, Call& call, Reply reply) override {
    auto& answer = std::get<Result<QueryAnswer>>(reply.body);
    --outstanding_;
    if (answer) {
      merge_.fill(reply.token.shard, std::move(std::get<RecordPage>(*answer)));
    } else {
      refusal_ = std::move(answer.error());
    }
    if (outstanding_ > 0) return;
    if (refusal_) return calls.refuse(call, std::move(*refusal_));
    on_filled(calls, call);
  }

 private:
  void ask(Calls& calls, Call& call) {
    const uint32_t wanted = std::min(page_.size - taken_, kRecordsPerQuery);
    for (uint32_t shard = 0; shard < merge_.lanes(); ++shard) {
      if (!merge_.is_dry(shard)) continue;
      if (calls.post(call, shard, shard, ListRecords{filter_, merge_.before(shard), wanted})) {
        ++outstanding_;
      } else {
        refusal_ = Error{ErrorCode::kOverloaded, "", "a shard has no room for more requests"};
      }
    }
    // Parts under way are waited for, so that none of them meets the next round.
    if (outstanding_ > 0) return;
    if (refusal_) return calls.refuse(call, std::move(*refusal_));
    on_filled(calls, call);  // nothing is left to ask
  }

  void on_filled(Calls& calls, Call& call) {
    while (taken_ < page_.size && !merge_.any_dry() && !merge_.at_end()) {
      if (taken_++ > 0) runs_ += ',';
      const auto taken = merge_.take();
      const LoggedRun& run = taken.entry;
      JsonWriter json(runs_);
      write_run(json, {run.task_id, task_key(run.task_id)}, {&run.record, 1});
    }
    const bool over = taken_ == page_.size || merge_.at_end() || calls.mono() >= search_until_;
    if (over) return finish(calls, call);
    ask(calls, call);
  }

  void finish(Calls& calls, Call& call) {
    HttpResponse response;
    JsonWriter json(response.body);
    json.begin_object();
    json.name("runs");
    json.raw("[" + runs_ + "]");
    if (!merge_.at_end()) {
      const std::string token = write_page_token(asked_, merge_.positions());
      json.name("next_page_token");
      json.string(token);
      response.fields.emplace_back("link", next_link(call.path, page_, token));
    }
    json.end_object();
    calls.respond(call, std::move(response));
  }

  LaneMerge<RecordPage> merge_;
  RecordFilter filter_;
  PageRequest page_;
  std::string asked_;
  Monotonic search_until_{};
  std::string runs_;  // JSON, with commas between
  uint32_t taken_ = 0;
  size_t outstanding_ = 0;
  std::optional<Error> refusal_;
};

}  // namespace

void list_all_runs(Calls& calls, Call& call, const HttpRequest& request) {
  auto page = read_page_request(request.query);
  if (!page) return calls.refuse(call, std::move(page.error()));
  if (asks_for_dead_letters(page->rest)) return list_dead_runs(calls, call, request);
  if (asks_for_open_runs(page->rest)) return list_open_runs(calls, call, std::move(*page));
  auto filter = record_filter_of(page->rest);
  if (!filter) return calls.refuse(call, std::move(filter.error()));
  std::string asked = question_of("runs", page->rest);
  LaneMerge<RecordPage> merge(calls.shards().shard_count());
  if (!page->token.empty()) {
    auto positions = read_page_token(page->token, asked, merge.lanes());
    if (!positions) return calls.refuse(call, std::move(positions.error()));
    merge.go_on_from(*positions);
  } else if (filter->run.task) {
    const uint32_t owner = calls.shards().shard_of(*filter->run.task);
    for (uint32_t shard = 0; shard < merge.lanes(); ++shard) {
      if (shard != owner) merge.leave_out(shard);
    }
  }
  auto answer = std::make_unique<RecordListAnswer>(std::move(merge), std::move(*filter),
                                                   std::move(*page), std::move(asked));
  RecordListAnswer& started = *answer;
  call.answer = std::move(answer);
  started.start(calls, call);
}

}  // namespace hourwheel
