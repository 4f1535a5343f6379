// The text of request targets: percent-encoding and queries. Thread: pure functions, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/result.h"

namespace hourwheel {

// nullopt: a '%' without two hexadecimal digits, or the bytes are not UTF-8.
std::optional<std::string> percent_decode(std::string_view text);
// Leaves RFC 3986 unreserved characters and encodes all others: fit for a path segment or a query.
std::string percent_encode(std::string_view text);
void append_percent_encoded(std::string& out, std::string_view text);

// The parameters of a query, in order, decoded; '+' is a space. kBadRequest if it cannot be read.
using QueryParameters = std::vector<std::pair<std::string, std::string>>;
Result<QueryParameters> parse_query(std::string_view query);

// A whole decimal number, perhaps negative, and nothing else.
std::optional<int64_t> read_number(std::string_view text);

}  // namespace hourwheel
