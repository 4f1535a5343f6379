// Which rows of a list that is asked for again and again are not as they were: `--watch -o ndjson`.
//
//   SR1  A row is new unless the same text stood in the whole frame before, or in what came of a
//        frame since that broke off.
// Cost: eight bytes and a little for each row of two frames. Thread: one.
#pragma once

#include <functional>
#include <string_view>
#include <unordered_set>

namespace hourwheel {

class SeenRows {
 public:
  bool is_new(std::string_view row) {
    const size_t hash = std::hash<std::string_view>()(row);
    now_.insert(hash);
    return !before_.contains(hash);
  }
  void end_frame(bool whole) {
    if (whole) before_.clear();
    before_.merge(now_);
    now_.clear();
  }

 private:
  std::unordered_set<size_t> before_;
  std::unordered_set<size_t> now_;
};

}  // namespace hourwheel
