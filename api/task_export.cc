// GET /v1/tasks:export: the tasks that match a filter as lines, streamed. One shard after the
// other, in each in the order of creation: so an export that is imported again comes in the same
// order, whatever the shards' clocks and commits say.
#include <utility>

#include "api/chunked_body.h"
#include "api/handlers.h"
#include "api/portable_task.h"
#include "api/task_filter.h"
#include "api/url_text.h"

namespace hourwheel {
namespace {

constexpr uint32_t kTasksPerExport = 256;  // the reply ends after 4 MiB

class ExportAnswer : public Answer {
 public:
  explicit ExportAnswer(TaskFilter filter) : filter_(std::move(filter)) {}

  void on_part(Calls& calls, Call& call, Reply reply) override {
    auto& answer = std::get<Result<QueryAnswer>>(reply.body);
    if (!answer) return ChunkedBody::refuse(calls, call, std::move(answer.error()));
    auto& page = std::get<TaskPage>(*answer);
    for (StoredTask& task : page.tasks) append_line(task);
    after_ = page.next;
    if (!page.next) ++shard_;
    if (shard_ == calls.shards().shard_count()) return lines_.finish(calls, call);
    if (lines_.full()) return lines_.give(calls, call);
    // The search may be long. An empty chunk sends nothing, but has the server wait anew.
    if (call.streaming) calls.stream_chunk(call, {});
    ask(calls, call);
  }

  void on_writable(Calls& calls, Call& call) override { ask(calls, call); }

  void ask(Calls& calls, Call& call) {
    if (calls.post(call, shard_, shard_, ListTasks{filter_, after_, kTasksPerExport})) return;
    ChunkedBody::refuse(calls, call,
                        {ErrorCode::kOverloaded, "", "a shard has no room for more requests"});
  }

 private:
  void append_line(StoredTask& task) {
    make_portable(task.spec, reader_);
    JsonWriter json(lines_.text());
    write_portable_task(json, task.spec, task.state.pause);
    lines_.text() += '\n';
  }

  TaskFilter filter_;
  uint32_t shard_ = 0;
  TaskNumber after_;
  ChunkedBody lines_{"application/x-ndjson"};
  JsonReader reader_;
};

}  // namespace

void export_tasks(Calls& calls, Call& call, const HttpRequest& request) {
  auto parameters = parse_query(request.query);
  if (!parameters) return calls.refuse(call, std::move(parameters.error()));
  auto filter = task_filter_of(*parameters);
  if (!filter) return calls.refuse(call, std::move(filter.error()));
  auto answer = std::make_unique<ExportAnswer>(std::move(*filter));
  ExportAnswer& started = *answer;
  call.answer = std::move(answer);
  started.ask(calls, call);
}

}  // namespace hourwheel
