// Very many tasks at once, made through the batch request.
#pragma once

#include <string>

#include "tests/e2e/node.h"

namespace hourwheel {

// Creates tasks "ID-0" ... of that schedule and with these further members (",..."). Failures are
// the test's.
struct Crowd {
  std::string id;
  size_t size = 0;
  std::string schedule;
  std::string more;
};
void create_crowd(const Node& node, const Crowd& crowd);

}  // namespace hourwheel
