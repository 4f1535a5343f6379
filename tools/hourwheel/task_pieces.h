// Cuts lines into pieces that the server takes in one request, and says which line of the file each
// line of a piece was.
//
// Invariants
//   TP1  A piece has at most kMaxBatchOperations lines, or as many as at_most() says, and
//        kMaxRequestBody bytes.
// Thread: one at a time.
#pragma once

#include <cstdint>
#include <istream>
#include <string>
#include <vector>

#include "engine/limits.h"

namespace hourwheel {

struct TaskPiece {
  std::string body;
  std::vector<uint64_t> lines;     // of the file, from 1, one for each line of the body
  std::vector<uint64_t> too_long;  // lines passed over: no request could carry them

  [[nodiscard]] bool empty() const { return lines.empty() && too_long.empty(); }
  // Takes the first of its lines out.
  TaskPiece take_front(size_t count);
};

class TaskPieces {
 public:
  explicit TaskPieces(std::istream& in) : in_(in) {}
  // The next one; empty at the end.
  TaskPiece next();
  // Lines, from now on.
  void at_most(size_t lines) { most_ = lines; }

 private:
  bool read_line();

  std::istream& in_;
  std::string line_;  // read and not given yet
  bool waits_ = false;
  size_t most_ = kMaxBatchOperations;
  uint64_t number_ = 0;
};

}  // namespace hourwheel
