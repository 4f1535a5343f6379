// The trace of whoever made a task (W3C Trace Context), carried on to its attempts.
//
// An attempt within kTraceContinued of the making goes on in the maker's trace. A later one begins
// a trace of its own run (all attempts of a run share it) with the maker's flags: a trace of a year
// is of no use to anybody.
// Thread: values and pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/base/time.h"

namespace hourwheel {

struct TraceContext {
  std::string parent{};  // a traceparent of version 00; empty: there is none
  std::string state{};   // the tracestate beside it, at most kMaxTraceState bytes
  Instant since{};       // when it came
  friend bool operator==(const TraceContext&, const TraceContext&) = default;
};

// What a request brought along. nullopt: nothing, or nothing valid (of a later version the four
// known parts are taken). A tracestate that is too long or no text of visible characters is left
// out.
std::optional<TraceContext> read_trace(std::string_view parent, std::string_view state,
                                       Instant now);

struct TraceFields {
  std::string parent;
  std::string state;  // empty: none is sent
};
// Of one attempt of a run. The span's id is a function of both, so that a replay sends the same.
// Requires: trace.parent is not empty.
TraceFields trace_of_attempt(const TraceContext& trace, std::string_view run_id, uint32_t attempt,
                             Instant now);

}  // namespace hourwheel
