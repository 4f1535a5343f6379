// Tokens of completion links: one that is read is the one we would write, and what is written reads
// back.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/check.h"
#include "net/completion_links.h"

using namespace hourwheel;  // NOLINT(google-build-using-namespace): a program of its own

namespace {

HmacCompletionLinks make_links() {
  std::vector<SecretText> keys;
  keys.emplace_back(std::string(32, 'k'));
  HmacCompletionLinks links(std::move(keys));
  links.set_base("http://h");
  return links;
}

uint64_t number_at(const uint8_t* bytes, size_t size, size_t at) {
  uint64_t number = 0;
  if (at < size) std::memcpy(&number, bytes + at, std::min(sizeof number, size - at));
  return number;
}

}  // namespace

// A token as it comes; then numbers to make one of.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  const HmacCompletionLinks links = make_links();
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  if (const auto read = links.read(text)) {
    HW_CHECK(links.link_to(*read).ends_with("/" + std::string(text)), "a token has one spelling");
  }
  CompletionLinks::Named named;
  named.task = {number_at(bytes, size, 0), number_at(bytes, size, 8)};
  named.run.generation.value = number_at(bytes, size, 16);
  named.run.instant_or_nonce = static_cast<int64_t>(number_at(bytes, size, 24));
  named.attempt = static_cast<uint32_t>(number_at(bytes, size, 32));
  const std::string link = links.link_to(named);
  const auto again = links.read(std::string_view(link).substr(link.rfind('/') + 1));
  HW_CHECK(again && again->task == named.task && again->run == named.run &&
               again->attempt == named.attempt,
           "what is written reads back");
  return 0;
}
