// What all lists read from a query: page_size and page_token, and the address of the next page.
// Thread: pure functions, any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "api/url_text.h"
#include "engine/base/result.h"

namespace hourwheel {

inline constexpr uint32_t kDefaultPageSize = 50;
inline constexpr uint32_t kMaxPageSize = 1000;

struct PageRequest {
  uint32_t size = kDefaultPageSize;
  bool size_given = false;
  std::string token;     // empty: the first page
  QueryParameters rest;  // the other parameters, in order
};

// A page_size above the maximum is coerced down; zero means the default; a negative one is refused.
Result<PageRequest> read_page_request(std::string_view query);

// What is asked for, whose token is worth nothing with another question: the same filters in the
// same order.
std::string question_of(std::string_view what, const QueryParameters& parameters);

// Value of Link: the same question with that token.
std::string next_link(std::string_view path, const PageRequest& page, std::string_view token);

}  // namespace hourwheel
