// The ranges that --egress-allow opens to targets, as the operator writes them.
// Thread: pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "net/egress_policy.h"

namespace hourwheel {

// "10.0.0.0/8", "fd00:1234::/48"; a single address is a range, too. Refused with a reason: what is
// none, what has bits behind its prefix, and what may not be opened (EP1).
Result<AddressRange> parse_egress_range(std::string_view text);

// Requires: each of them was accepted before.
std::vector<AddressRange> egress_ranges(const std::vector<std::string>& texts);

}  // namespace hourwheel
