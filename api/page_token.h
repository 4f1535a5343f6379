// Page tokens: base64url of (version, hash of what was asked, positions). Opaque to clients, worth
// nothing with other filters. Positions are only where to go on, so a forged token shows nothing
// that a list would not. Thread: pure functions, any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/result.h"

namespace hourwheel {

// asked: the route, filters and whatever else must be the same when the token comes back.
std::string write_page_token(std::string_view asked, std::span<const uint64_t> positions);
// kInvalidPageToken: not one of ours, of another question, or of another number of positions.
Result<std::vector<uint64_t>> read_page_token(std::string_view token, std::string_view asked,
                                              size_t positions);

// Where a walk through the tasks of one shard goes on, as one of the positions: odd is the end.
struct TaskPlace {
  TaskNumber after;
  bool ended = false;
};
inline uint64_t position_of(const TaskPlace& place) {
  return place.ended ? 1 : place.after.value * 2;
}
inline TaskPlace task_place_at(uint64_t position) {
  return {TaskNumber{position / 2}, position % 2 == 1};
}

}  // namespace hourwheel
