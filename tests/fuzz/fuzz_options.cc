// The command line, an argument a line: whatever it is, it is accepted within its bounds or refused
// with a text and an exit code, and nothing escapes the parser.
#include <cstddef>
#include <cstdint>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/check.h"
#include "tools/hourwheel/options.h"

using namespace hourwheel;  // NOLINT(google-build-using-namespace): a program of its own

namespace {

constexpr size_t kMaxArguments = 64;

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines{"hourwheel"};
  while (!text.empty() && lines.size() < kMaxArguments) {
    const size_t end = std::min(text.find('\n'), text.size());
    // An argument of a program has no NUL in it.
    lines.emplace_back(text.substr(0, std::min(end, text.find('\0'))));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  static const bool silent = [] {
    std::cout.rdbuf(nullptr);
    std::cerr.rdbuf(nullptr);
    return true;
  }();
  HW_CHECK(silent, "the parser's texts go nowhere");
  auto arguments = lines_of({reinterpret_cast<const char*>(bytes), size});
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  const Options options = parse_options(static_cast<int>(arguments.size()), argv.data());
  if (const auto* over = std::get_if<Finished>(&options)) {
    HW_CHECK(over->exit_code >= 0 && over->exit_code <= 255, "an exit code the shell can see");
  }
  if (const auto* serve = std::get_if<ServeOptions>(&options)) {
    HW_CHECK(!serve->listen.empty() || !serve->data_dir.empty(), "a server has a place");
    HW_CHECK(serve->reactors <= 1'024 && serve->shards <= 1'024, "and no more threads than it can");
  }
  return 0;
}
