// The sentence of a recurrence rule (RFC 5545), for describe(). Its dates and times of day come
// from the rule's start where the rule does not name them.
#pragma once

#include <string>
#include <string_view>

namespace hourwheel {

// "Every 2 weeks on Monday and Friday, 10 times"; "By rule FREQ=…" for what is not simple.
std::string describe_rrule(std::string_view rule);

}  // namespace hourwheel
