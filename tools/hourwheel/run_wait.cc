#include "tools/hourwheel/run_wait.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "tools/hourwheel/answer_text.h"
#include "tools/hourwheel/json_text.h"
#include "tools/hourwheel/run_commands.h"
#include "tools/hourwheel/task_requests.h"

namespace hourwheel {
namespace {

constexpr std::array<std::string_view, 3> kOpen = {"pending", "running", "retrying"};
constexpr Duration kFirstLookAfter = milliseconds(100);
constexpr Duration kLooksAtLeastEach = seconds(2);

}  // namespace

int wait_for_run(ApiClient& client, Terminal& terminal, const OpenedRun& run) {
  auto opened = JsonText::read(run.answer.body);
  if (!opened) return complain("the server's answer is not JSON", kFailure);
  const std::string path = run_path(text_at(opened->top(), "id"));
  for (Duration pause = kFirstLookAfter;; pause = std::min(pause * 2, kLooksAtLeastEach)) {
    auto answer = ask(client, {"GET", path, ""});
    if (!answer) return answer.error();
    auto now = JsonText::read(answer->body);
    if (!now) return complain("the server's answer is not JSON", kFailure);
    const std::string state = text_at(now->top(), "state");
    if (std::find(kOpen.begin(), kOpen.end(), state) == kOpen.end()) {
      const int code = print_run({run.format, terminal}, *answer);
      return code == kOk && state != "succeeded" ? kRunFailed : code;
    }
    if (!terminal.wait(pause)) return kFailure;
  }
}

}  // namespace hourwheel
