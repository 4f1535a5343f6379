// Sample tasks, so that the first look at a new server shows life: some that succeed, one whose
// target is often busy, one whose target is gone, one that is paused, and some of later.
#pragma once

#include <string>

#include "engine/base/result.h"

namespace hourwheel {

// Creates them through the API; those that exist already stay as they are, but that they call the
// target of this start. `target`: its URL; empty: they only record their runs.
Status create_demo_tasks(const std::string& server, const std::string& target);
void print_first_steps(const std::string& url);

}  // namespace hourwheel
