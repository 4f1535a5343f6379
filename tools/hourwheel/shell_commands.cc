#include "tools/hourwheel/shell_commands.h"

#include <algorithm>
#include <cstdio>
#include <string_view>

#include "api/url_text.h"
#include "tools/hourwheel/answer_text.h"
#include "tools/hourwheel/api_client.h"
#include "tools/hourwheel/context_file.h"
#include "tools/hourwheel/manual_page.h"

namespace hourwheel {
namespace {

constexpr long kPatienceSeconds = 2;  // somebody looks at a prompt

// An id that a shell could read as more than a word is not offered: whoever completes it would run
// what somebody else has named a task.
bool is_plain_word(std::string_view id) {
  return std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           std::string_view("._:~-").find(c) != std::string_view::npos;
  });
}

void print_id(std::string_view id, std::string_view begin) {
  if (!id.starts_with(begin) || !is_plain_word(id)) return;
  std::printf("%.*s\n", static_cast<int>(id.size()), id.data());
}

// What goes wrong is nobody's business while a command is being typed.
int complete_ids(const ShellOptions& options) {
  if (options.kind == "contexts") {
    auto contexts = load_contexts(contexts_path());
    if (!contexts) return kFailure;
    for (const Context& context : contexts->all) print_id(context.name, options.begin);
    return kOk;
  }
  const bool runs = options.kind == "runs";
  std::string path = runs ? "/v1/runs?state=dead&page_size=100" : "/v1/tasks?page_size=100";
  if (!runs && !options.begin.empty()) path += "&q=" + percent_encode(options.begin);
  auto access = find_access(options.server);
  if (!access) return kFailure;
  ApiRequest request{"GET", path, ""};
  request.timeout_s = kPatienceSeconds;
  request.patience = {0, {}};
  auto answer = ApiClient(std::move(*access)).call(request);
  if (!answer || answer->status != 200) return kFailure;
  JsonReader reader;
  auto body = reader.parse(answer->body);
  if (!body) return kFailure;
  for (const JsonValue& row : members_of(*body, runs ? "runs" : "tasks")) {
    print_id(text_at(row, "id"), options.begin);
  }
  return kOk;
}

std::string text_of(const ShellOptions& options, const VerbWords& top) {
  if (options.verb == ShellVerb::kCompletion) return completion_script(options.shell, top);
  return options.page == ManualPage::kCommand ? manual_page(top) : settings_page(top);
}

}  // namespace

int run_shell_command(const ShellOptions& options, const VerbWords& top) {
  if (options.verb == ShellVerb::kComplete) return complete_ids(options);
  std::fputs(text_of(options, top).c_str(), stdout);
  return kOk;
}

}  // namespace hourwheel
