#include "api/delete_wait.h"

#include <memory>
#include <utility>

#include "api/held_answer.h"

namespace hourwheel {
namespace {

class DeleteWait : public HeldAnswer {
 public:
  DeleteWait(AwaitedDelete of, HttpResponse at_once, Monotonic until)
      : HeldAnswer(std::move(at_once), until), of_(std::move(of)) {}

 private:
  void look(Calls& calls, Call& call) override {
    ask(calls, call, of_.key, CountLastRuns{of_.task});
  }
  void on_look(Calls& calls, Call& call, Result<QueryAnswer>& answer) override {
    if (!answer || std::get<LastRuns>(*answer).open > 0) return;
    HttpResponse response = std::move(of_.settled);
    calls.respond(call, std::move(response));
  }

  AwaitedDelete of_;
};

}  // namespace

bool wait_for_last_runs(Calls& calls, Call& call, AwaitedDelete of, HttpResponse at_once) {
  if (!call.waits) return false;
  const Duration wait = call.prefers.wait_s ? seconds(*call.prefers.wait_s) : kMaxRunWait;
  return HeldAnswer::hold(calls, call,
                          std::make_unique<DeleteWait>(std::move(of), std::move(at_once),
                                                       calls.end_of_wait(call, wait)));
}

}  // namespace hourwheel
