// Follows a list of the API page by page.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "api/json_reader.h"
#include "tools/hourwheel/ask.h"
#include "tools/hourwheel/options_task.h"

namespace hourwheel {

// Where a list is, and the member of its pages that holds the rows.
struct ListPlace {
  std::string path;  // with its filters
  const char* rows;
};

struct ListPage {
  const ApiAnswer& answer;
  std::vector<JsonValue> rows;  // no more than were asked for
  std::string next_token;       // empty: nothing follows
  bool whole = true;            // rows are all that the answer has
  bool last = true;             // no further page is fetched
};

// Gives one page after the other to `take`, until the limit or the end of the list.
Told<bool> walk_pages(ApiClient& client, const ListPlace& place, const PageChoice& choice,
                      const std::function<void(const ListPage&)>& take);

}  // namespace hourwheel
