// Finds a smaller plan that fails in the same way: features are left out one by one and the number
// of commands is halved, as long as the failure stays. Each try runs in a process of its own, so
// that an aborted check is a failure like any other. Cost: at most kMostTries worlds.
#pragma once

#include <string>

#include "tests/sim/world_plan.h"

namespace hourwheel {

WorldPlan shrink(WorldPlan plan);

}  // namespace hourwheel
