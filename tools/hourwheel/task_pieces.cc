#include "tools/hourwheel/task_pieces.h"

#include "engine/limits.h"

namespace hourwheel {

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
  while (piece.lines.size() < kMaxBatchOperations && read_line()) {
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
