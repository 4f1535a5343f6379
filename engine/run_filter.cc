#include "engine/run_filter.h"

#include <algorithm>

#include "engine/text_search.h"

namespace hourwheel {

bool asks_for_end(const DeadFilter& filter) {
  return !filter.results.empty() || !filter.error.empty();
}

bool matches_end(const DeadFilter& filter, AttemptResult result, uint16_t status,
                 std::string_view detail) {
  const bool wanted =
      filter.results.empty() ||
      std::find(filter.results.begin(), filter.results.end(), result) != filter.results.end();
  if (!wanted || filter.error.empty()) return wanted;
  return holds_part(error_text(result, status, detail), filter.error);
}

}  // namespace hourwheel
