// Holds the answer to a run that was asked for until the run has ended (Prefer: wait=N, RFC 7240
// section 4.3), at most until kMaxRunWait after its arrival. It looks at the task every
// kFollowInterval, as the followers of changes do, and takes one of their places, of which others
// are left for them; without a free one nothing is held. The run log is searched once the run is
// open no more. When the time is over, the server stops or the key is revoked, the answer is the
// one that would have come at once. Thread: the reactor's own.
#pragma once

#include <memory>

#include "api/calls.h"

namespace hourwheel {

struct AwaitedRun {
  TaskKey task;
  RunKey run;
  std::string task_id;
};

// Takes the place of the call's answer; the caller must return at once. False: there is no room to
// wait, or who asks may not see how runs end.
bool wait_for_run(Calls& calls, Call& call, AwaitedRun run, HttpResponse at_once);

}  // namespace hourwheel
