// Lists of tasks: every shard is asked, the answers are merged. A page for /v1 and for whoever asks
// for pages, else the whole of it as one streamed array.
#include <algorithm>
#include <utility>

#include "api/chunked_body.h"
#include "api/handlers.h"
#include "api/page_request.h"
#include "api/page_token.h"
#include "api/task_filter.h"
#include "api/task_json.h"
#include "api/task_merge.h"

namespace hourwheel {
namespace {

// What one shard is asked for at once; its reply ends after 4 MiB. A page of 100 costs no less CPU
// when it is asked for in one part.
constexpr uint32_t kTasksPerQuery = 64;
// A page is cut here; it may be short.
constexpr size_t kMaxPageBytes = 4 * 1024 * 1024;
// A filter that matches little needs many looks: after this the page is short, or empty, and its
// token goes on.
constexpr Duration kLongestSearch = milliseconds(12);
constexpr Monotonic kNever{INT64_MAX};

// Keeps the lanes of a merge filled. A round asks every dry lane; when all have answered,
// on_filled.
class ListAnswer : public Answer {
 public:
  ListAnswer(size_t shards, TaskFilter filter) : merge_(shards), filter_(std::move(filter)) {}

  void on_part(Calls& calls, Call& call, Reply reply) override {
    auto& answer = std::get<Result<QueryAnswer>>(reply.body);
    --outstanding_;
    if (answer) {
      merge_.fill(reply.token.shard, std::move(std::get<TaskPage>(*answer)));
    } else {
      refusal_ = std::move(answer.error());
    }
    if (outstanding_ > 0) return;
    if (refusal_) return on_refused(calls, call, std::move(*refusal_));
    on_filled(calls, call);
  }

  // Starts a round. Requires: a dry lane.
  void ask(Calls& calls, Call& call) {
    auto limit = std::min(kTasksPerQuery, wanted_);
    for (size_t i = 0; i < merge_.lanes(); ++i) {
      if (!merge_.is_dry(i)) continue;
      auto shard = static_cast<uint32_t>(i);
      if (calls.post(call, shard, shard, ListTasks{filter_, merge_.after(i), limit})) {
        ++outstanding_;
      } else {
        refusal_ = Error{ErrorCode::kOverloaded, "", "a shard has no room for more requests"};
      }
    }
    // Parts under way are waited for, so that none of them meets the next round.
    if (outstanding_ == 0) on_refused(calls, call, std::move(*refusal_));
  }

  TaskMerge& merge() { return merge_; }

 protected:
  virtual void on_filled(Calls& calls, Call& call) = 0;
  virtual void on_refused(Calls& calls, Call& call, Error error) = 0;
  void want(uint32_t tasks) { wanted_ = tasks; }

 private:
  TaskMerge merge_;
  TaskFilter filter_;
  std::optional<Error> refusal_;
  uint32_t wanted_ = kTasksPerQuery;
  size_t outstanding_ = 0;
};

void write_stored(JsonWriter& json, const StoredTask& task, const Calls& calls, TaskDetail detail) {
  write_task(json, {task.key, task.spec, task.state, std::nullopt, std::nullopt,
                    calls.pause_of(task.spec), detail});
}

// Which tasks, and how much of each.
struct ListQuestion {
  TaskFilter filter;
  TaskDetail detail = TaskDetail::kFull;
};

Result<ListQuestion> list_question_of(const QueryParameters& parameters) {
  ListQuestion question;
  bool has_view = false;
  for (const auto& [name, value] : parameters) {
    if (name != "view") {
      if (Status added = add_task_filter(question.filter, name, value); !added) {
        return failure(std::move(added.error()));
      }
      continue;
    }
    if (std::exchange(has_view, true)) {
      return failure(ErrorCode::kBadRequest, "", "view is given twice");
    }
    if (value != "basic" && value != "full") {
      return failure(ErrorCode::kBadRequest, "", "view: basic or full");
    }
    if (value == "basic") question.detail = TaskDetail::kWithoutPayload;
  }
  return question;
}

class PageAnswer : public ListAnswer {
 public:
  PageAnswer(size_t shards, ListQuestion question, PageRequest page, std::string asked,
             Monotonic search_until)
      : ListAnswer(shards, std::move(question.filter)),
        detail_(question.detail),
        page_(std::move(page)),
        asked_(std::move(asked)),
        search_until_(search_until) {
    want(page_.size);
  }

  // Fills the page from the lanes, asking again while it is not full.
  void on_filled(Calls& calls, Call& call) override {
    while (!is_full() && !merge().any_dry() && !merge().at_end()) {
      if (taken_++ > 0) tasks_ += ',';
      JsonWriter json(tasks_);
      write_stored(json, merge().take(), calls, detail_);
    }
    if (is_full() || merge().at_end() || calls.mono() >= search_until_) {
      return finish(calls, call);
    }
    want(page_.size - taken_);
    ask(calls, call);
  }

 protected:
  void on_refused(Calls& calls, Call& call, Error error) override {
    calls.refuse(call, std::move(error));
  }

 private:
  [[nodiscard]] bool is_full() const {
    return taken_ >= page_.size || tasks_.size() >= kMaxPageBytes;
  }

  void finish(Calls& calls, Call& call) {
    HttpResponse response;
    std::string token;
    if (!merge().at_end()) {
      token = write_page_token(asked_, merge().positions());
      response.fields.emplace_back("link", next_link(call.route->path, page_, token));
    }
    if (call.shape() == Shape::kSeed) {
      response.body = "[" + tasks_ + "]";
    } else {
      response.body = "{\"tasks\":[" + tasks_ + "]";
      if (!token.empty()) response.body += ",\"next_page_token\":\"" + token + "\"";
      response.body += '}';
    }
    calls.respond(call, std::move(response));
  }

  TaskDetail detail_;
  PageRequest page_;
  std::string asked_;
  Monotonic search_until_;
  std::string tasks_;  // JSON, with commas between
  uint32_t taken_ = 0;
};

// The whole list.
class StreamAnswer : public ListAnswer {
 public:
  explicit StreamAnswer(size_t shards) : ListAnswer(shards, {}) {}

  void on_filled(Calls& calls, Call& call) override {
    while (!array_.full() && !merge().any_dry() && !merge().at_end()) {
      array_.text() += any_ ? ',' : '[';
      any_ = true;
      JsonWriter json(array_.text());
      write_stored(json, merge().take(), calls, TaskDetail::kFull);
    }
    if (merge().at_end()) {
      array_.text() += any_ ? "]" : "[]";
      return array_.finish(calls, call);
    }
    if (!array_.text().empty()) return array_.give(calls, call);
    // Of a narrowed key the search may be long: an empty chunk has the server wait anew.
    if (call.streaming) calls.stream_chunk(call, {});
    ask(calls, call);
  }

  void on_writable(Calls& calls, Call& call) override {
    if (merge().any_dry()) return ask(calls, call);
    on_filled(calls, call);
  }

 protected:
  void on_refused(Calls& calls, Call& call, Error error) override {
    ChunkedBody::refuse(calls, call, std::move(error));
  }

 private:
  ChunkedBody array_{"application/json"};
  bool any_ = false;
};

void start_page(Calls& calls, Call& call, PageRequest page, ListQuestion question) {
  size_t shards = calls.shards().shard_count();
  std::string asked = question_of(call.route->path, page.rest);
  std::string token = page.token;
  // Of a narrowed key every list is a search.
  const bool finds_all = takes_all(question.filter) && !call.caller.narrowed();
  const Monotonic until = finds_all ? kNever : calls.mono() + kLongestSearch;
  auto answer =
      std::make_unique<PageAnswer>(shards, std::move(question), std::move(page), asked, until);
  if (!token.empty()) {
    auto positions = read_page_token(token, asked, shards);
    if (!positions) return calls.refuse(call, std::move(positions.error()));
    answer->merge().go_on_from(*positions);
  }
  PageAnswer& started = *answer;
  call.answer = std::move(answer);
  // A token of the very end is not one we give; answer it all the same.
  if (started.merge().at_end()) return started.on_filled(calls, call);
  started.ask(calls, call);
}

}  // namespace

void list_tasks(Calls& calls, Call& call, const HttpRequest& request) {
  auto page = read_page_request(request.query);
  if (!page) return calls.refuse(call, std::move(page.error()));
  auto question = list_question_of(page->rest);
  if (!question) return calls.refuse(call, std::move(question.error()));
  start_page(calls, call, std::move(*page), std::move(*question));
}

void list_all_tasks(Calls& calls, Call& call, const HttpRequest& request) {
  auto page = read_page_request(request.query);
  if (!page) return calls.refuse(call, std::move(page.error()));
  // The seed's shape knows no other parameters and ignores them.
  page->rest.clear();
  if (page->size_given || !page->token.empty()) {
    return start_page(calls, call, std::move(*page), {});
  }
  auto answer = std::make_unique<StreamAnswer>(calls.shards().shard_count());
  StreamAnswer& started = *answer;
  call.answer = std::move(answer);
  started.ask(calls, call);
}

}  // namespace hourwheel
