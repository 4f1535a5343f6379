#include "tools/hourwheel/task_pieces.h"

#include <utility>

#include "engine/base/check.h"

namespace hourwheel {

TaskPiece TaskPiece::take_front(size_t count) {
  HW_CHECK(count <= lines.size(), "it has so many lines");
  size_t end = 0;
  for (size_t i = 0; i < count; ++i) end = body.find('\n', end) + 1;
  const auto cut = lines.begin() + static_cast<ptrdiff_t>(count);
  TaskPiece front{body.substr(0, end), {lines.begin(), cut}, {}};
  body.erase(0, end);
  lines.erase(lines.begin(), cut);
  return front;
}

// The next line with something in it.
bool TaskPieces::read_line() {
  if (waits_) return true;
  while (std::getline(in_, line_)) {
    ++number_;
    waits_ = line_.find_first_not_of(" \t\r") != std::string::npos;
    if (waits_) return true;
  }
  return false;
}

TaskPiece TaskPieces::next() {
  TaskPiece piece;
  while (piece.lines.size() < most_ && read_line()) {
    const size_t bytes = line_.size() + 1;
    if (bytes > kMaxRequestBody) {
      piece.too_long.push_back(number_);
    } else if (piece.body.size() + bytes > kMaxRequestBody) {
      return piece;
    } else {
      piece.body.append(line_).append("\n");
      piece.lines.push_back(number_);
    }
    waits_ = false;
  }
  return piece;
}

}  // namespace hourwheel
