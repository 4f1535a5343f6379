// Responses of targets: bytes that come one by one mean what they mean at once.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "engine/base/check.h"
#include "net/response_parser.h"

using namespace hourwheel;  // NOLINT(google-build-using-namespace): a program of its own

namespace {

constexpr Instant kNow{1'800'000'000'000};

Parsed feed(ResponseParser& parser, std::string bytes, size_t step) {
  Parsed parsed = Parsed::kNeedMore;
  for (size_t at = 0; at < bytes.size() && parsed == Parsed::kNeedMore; at += step) {
    size_t count = std::min(step, bytes.size() - at);
    parsed = parser.feed({bytes.data() + at, count}, kNow);
  }
  return parsed == Parsed::kNeedMore ? parser.finish() : parsed;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  if (size == 0) return 0;
  std::string text(reinterpret_cast<const char*>(bytes), size);
  ResponseParser whole;
  ResponseParser pieces;
  whole.reset(ResponseTo::kOther);
  pieces.reset(ResponseTo::kOther);
  Parsed at_once = feed(whole, text, text.size());
  Parsed one_by_one = feed(pieces, text, 1);
  HW_CHECK(at_once == one_by_one, "the same bytes mean the same");
  if (at_once == Parsed::kDone) {
    HW_CHECK(whole.status() == pieces.status() && whole.body() == pieces.body(),
             "and give the same response");
  }
  return 0;
}
