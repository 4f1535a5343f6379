// A few sample tasks, so that the first look at a new server shows life.
#pragma once

#include <string>

#include "engine/base/result.h"

namespace hourwheel {

// Creates them through the API; those that exist already stay as they are.
Status create_demo_tasks(const std::string& url);
void print_first_steps(const std::string& url);

}  // namespace hourwheel
