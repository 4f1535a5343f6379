// The header fields of a response that are kept with its attempt, because they help to find out
// what a target, or what stands before it, has done. A list by name: others may hold what nobody
// should read later, above all Set-Cookie.
//
// Kept as text, a line a field: "Content-Type: text/plain\n", in the order in which they came.
//   RF1  Nothing but the fields of kKeptResponseFields, under those spellings.
//   RF2  At most kMaxKeptFields bytes, of one value kMaxKeptFieldValue; a value that was cut ends
//   with
//        kCutMark, and the text ends with a line that is kCutMark if a field was left out.
//   RF3  Of values only printable ASCII: another byte becomes '?', so no value ends a line or
//        looks as if it had been cut.
// Cost: one pass over the list a field. Thread: pure functions, any thread.
#pragma once

#include <array>
#include <string>
#include <string_view>

namespace hourwheel {

inline constexpr std::array<std::string_view, 10> kKeptResponseFields{
    "Content-Type", "Content-Length", "Date",       "Server",      "Retry-After",
    "Location",     "X-Request-Id",   "Request-Id", "Traceparent", "Www-Authenticate"};
inline constexpr std::string_view kCutMark = "\u2026";  // an ellipsis

// Adds one that came, if it is of those that are kept.
void keep_response_field(std::string& kept, std::string_view name, std::string_view value);

// Of all fields of that name, one of the list's: their values with ", " between; empty: none came.
std::string kept_value(std::string_view kept, std::string_view name);

// Fields were left out.
bool kept_fields_are_cut(std::string_view kept);

}  // namespace hourwheel
