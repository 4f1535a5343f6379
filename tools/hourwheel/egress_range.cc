#include "tools/hourwheel/egress_range.h"

#include "api/network.h"
#include "engine/base/check.h"

namespace hourwheel {

Result<AddressRange> parse_egress_range(std::string_view text) {
  const auto network = parse_network(text);
  if (!network) {
    return failure(
        ErrorCode::kValidationFailed, "",
        "must be an address or a network, as 10.0.0.0/8, without bits behind the prefix");
  }
  const AddressRange range{network->base, static_cast<int>(network->prefix)};
  if (!may_be_opened(range)) {
    return failure(ErrorCode::kValidationFailed, "",
                   "must lie within 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 100.64.0.0/10, "
                   "fc00::/7, 127.0.0.0/8 or ::1: public addresses are open, the others and those "
                   "of clouds' metadata never are");
  }
  return range;
}

std::vector<AddressRange> egress_ranges(const std::vector<std::string>& texts) {
  std::vector<AddressRange> ranges;
  for (const std::string& text : texts) {
    auto range = parse_egress_range(text);
    HW_CHECK(range.has_value(), "EP1 what the options name was checked where they were read");
    ranges.push_back(*range);
  }
  return ranges;
}

}  // namespace hourwheel
