// Open runs of many tasks: listed, for GET /v1/runs with a state that only they have; and canceled
// by filter, for the action `cancel` of POST /v1/runs:bulk.
#pragma once

#include <string>

#include "api/calls.h"
#include "api/page_request.h"
#include "engine/message.h"

namespace hourwheel {

void list_open_runs(Calls& calls, Call& call, PageRequest page);

struct CancelOrder {
  DeadFilter filter;     // names a task or labels
  bool dry_run = false;  // they are only counted
  std::string asked;     // what must be the same when the token comes back
  std::string token;     // where to go on; empty: at the beginning
};
void cancel_open_runs(Calls& calls, Call& call, CancelOrder order);

}  // namespace hourwheel
