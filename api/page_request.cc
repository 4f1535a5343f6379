#include "api/page_request.h"

#include <algorithm>

namespace hourwheel {

Result<PageRequest> read_page_request(std::string_view query) {
  auto parameters = parse_query(query);
  if (!parameters) return failure(std::move(parameters.error()));
  PageRequest page;
  for (auto& [name, value] : *parameters) {
    if (name == "page_token") {
      page.token = std::move(value);
    } else if (name == "page_size") {
      auto size = read_number(value);
      if (!size || *size < 0) {
        return failure(ErrorCode::kBadRequest, "", "page_size is a whole number, not negative");
      }
      page.size_given = true;
      page.size = *size == 0 ? kDefaultPageSize
                             : static_cast<uint32_t>(std::min<int64_t>(*size, kMaxPageSize));
    } else {
      page.rest.emplace_back(std::move(name), std::move(value));
    }
  }
  return page;
}

std::string question_of(std::string_view what, const QueryParameters& parameters) {
  std::string asked(what);
  for (const auto& [name, value] : parameters) {
    asked.append("&").append(percent_encode(name)).append("=").append(percent_encode(value));
  }
  return asked;
}

std::string next_link(std::string_view path, const PageRequest& page, std::string_view token) {
  std::string link = "<";
  link.append(path).append("?page_size=").append(std::to_string(page.size));
  for (const auto& [name, value] : page.rest) {
    link.append("&").append(percent_encode(name)).append("=").append(percent_encode(value));
  }
  return link.append("&page_token=").append(token).append(">; rel=\"next\"");
}

}  // namespace hourwheel
