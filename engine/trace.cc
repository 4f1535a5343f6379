#include "engine/trace.h"

#include <algorithm>

#include "engine/base/siphash.h"
#include "engine/limits.h"

namespace hourwheel {
namespace {

// "00-" trace id "-" parent id "-" flags
constexpr size_t kTraceIdAt = 3;
constexpr size_t kTraceIdSize = 32;
constexpr size_t kParentIdAt = kTraceIdAt + kTraceIdSize + 1;
constexpr size_t kParentIdSize = 16;
constexpr size_t kFlagsAt = kParentIdAt + kParentIdSize + 1;
constexpr size_t kParentSize = kFlagsAt + 2;

bool is_hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}
bool is_id(std::string_view text) {
  return is_hex(text) && text.find_first_not_of('0') != std::string_view::npos;
}

bool is_trace_parent(std::string_view text) {
  if (text.size() < kParentSize || !is_hex(text.substr(0, 2)) || text.starts_with("ff")) {
    return false;
  }
  const bool whole = text.size() == kParentSize;
  if (!whole && (text.starts_with("00") || text[kParentSize] != '-')) return false;
  return text[kTraceIdAt - 1] == '-' && text[kParentIdAt - 1] == '-' && text[kFlagsAt - 1] == '-' &&
         is_id(text.substr(kTraceIdAt, kTraceIdSize)) &&
         is_id(text.substr(kParentIdAt, kParentIdSize)) && is_hex(text.substr(kFlagsAt, 2));
}

void append_hex(std::string& out, uint64_t number) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (int shift = 60; shift >= 0; shift -= 4) out.push_back(kDigits[number >> shift & 15]);
}

}  // namespace

std::optional<TraceContext> read_trace(std::string_view parent, std::string_view state,
                                       Instant now) {
  if (!is_trace_parent(parent)) return std::nullopt;
  TraceContext trace{"00" + std::string(parent.substr(2, kParentSize - 2)), {}, now};
  const bool visible = std::all_of(state.begin(), state.end(),
                                   [](char c) { return (c >= ' ' && c < 0x7f) || c == '\t'; });
  if (visible && state.size() <= kMaxTraceState) trace.state = state;
  return trace;
}

TraceFields trace_of_attempt(const TraceContext& trace, std::string_view run_id, uint32_t attempt,
                             Instant now) {
  const Hash128 run = siphash128(run_id);
  const Hash128 span = siphash128(std::string(run_id) + "#" + std::to_string(attempt));
  const bool continued = now - trace.since <= kTraceContinued;
  TraceFields fields;
  fields.parent = "00-";
  if (continued) {
    fields.parent += std::string_view(trace.parent).substr(kTraceIdAt, kTraceIdSize);
    fields.state = trace.state;
  } else {
    append_hex(fields.parent, run.first);
    append_hex(fields.parent, run.second | 1);  // an id is never all zero
  }
  fields.parent += '-';
  append_hex(fields.parent, span.first | 1);
  fields.parent += '-';
  fields.parent += std::string_view(trace.parent).substr(kFlagsAt);
  return fields;
}

}  // namespace hourwheel
