// What h2o accepts and must not reach us: heads that two parsers could read in two ways (request
// smuggling), and heads above our limits. h2o hides Host, Content-Length, Transfer-Encoding and
// Upgrade from handlers, but the bytes as received are at hand; this looks at those.
//
// Invariants
//   G1  A head that passes has one reading: every line ends in CRLF and none is folded, at most one
//       framing field, one Host in HTTP/1.1, no control bytes but HTAB.
//   G2  Whatever is refused, and whatever came chunked, ends its connection: bytes behind it are
//       never taken for another request.
// Cost: one pass over the head. Thread: a pure function.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/base/result.h"

namespace hourwheel {

struct GuardRefusal {
  ErrorCode code = ErrorCode::kBadRequest;
  std::string_view detail;  // a literal
};

// What becomes of the connection after the answer.
enum class AfterAnswer : uint8_t { kKeepOpen, kClose };

struct HeadVerdict {
  std::optional<GuardRefusal> refusal;
  AfterAnswer after = AfterAnswer::kKeepOpen;
  std::string_view host;  // value of the Host field; points into the head
};

// `received` starts at the request line and may go on behind the head (body, next request).
HeadVerdict inspect_head(std::string_view received);

}  // namespace hourwheel
