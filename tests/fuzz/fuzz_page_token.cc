// Page tokens and the queries they come in: a token that is accepted is the one we would write, and
// the address of the next page asks the same question.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "api/page_request.h"
#include "api/page_token.h"
#include "engine/base/check.h"

using namespace hourwheel;  // NOLINT(google-build-using-namespace): a program of its own

namespace {

constexpr std::string_view kAsked = "/v1/tasks&state=active";
constexpr size_t kMaxShards = 3;

void try_token(std::string_view token) {
  for (size_t shards = 1; shards <= kMaxShards; ++shards) {
    auto positions = read_page_token(token, kAsked, shards);
    if (!positions) continue;
    HW_CHECK(positions->size() == shards, "a position for each shard");
    HW_CHECK(write_page_token(kAsked, *positions) == token, "a token has one spelling");
    HW_CHECK(!read_page_token(token, "/v1/tasks", shards), "and is worth nothing elsewhere");
  }
}

void try_query(std::string_view query) {
  auto page = read_page_request(query);
  if (!page) return;
  HW_CHECK(page->size >= 1 && page->size <= kMaxPageSize, "a page has its bounds");
  const std::string link = next_link("/v1/tasks", *page, "AAAA");
  constexpr std::string_view kBefore = "</v1/tasks?";
  const size_t end = link.find('>');
  HW_CHECK(link.starts_with(kBefore) && end != std::string::npos, "an address in brackets");
  auto next =
      read_page_request(std::string_view(link).substr(kBefore.size(), end - kBefore.size()));
  HW_CHECK(next && next->token == "AAAA" && next->rest == page->rest, "the same question");
  HW_CHECK(next->size == page->size, "and pages as large");
}

}  // namespace

// A token as it comes; else positions to write one of, which is then read.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  std::string_view text(reinterpret_cast<const char*>(bytes), size);
  try_token(text);
  try_query(text);
  std::vector<uint64_t> positions;
  for (size_t i = 0; i < size && positions.size() < kMaxShards; i += 3) {
    positions.push_back(uint64_t{bytes[i]} << (bytes[i / 2] % 57));
  }
  if (positions.empty()) return 0;
  auto read = read_page_token(write_page_token(kAsked, positions), kAsked, positions.size());
  HW_CHECK(read && *read == positions, "what is written reads back");
  return 0;
}
