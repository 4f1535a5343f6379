// Holds the answer to a delete until the task's runs in flight have ended (?wait=true), at most for
// kMaxRunWait, or as long as Prefer: wait=N says, if that is less. It asks the shard every
// kFollowInterval and takes one of the places of those who follow changes, as whoever waits for a
// run does (run_wait.h); without a free one nothing is held. When the time is over, the server
// stops or the key is revoked, the answer is the one that would have come at once, with what was in
// flight then. Thread: the reactor's own.
#pragma once

#include "api/calls.h"

namespace hourwheel {

struct AwaitedDelete {
  TaskKey key;
  TaskNumber task;
  HttpResponse settled;  // the answer when nothing is in flight
};

// Takes the place of the call's answer; the caller must return at once. False: the call does not
// wait, or there is no room to.
bool wait_for_last_runs(Calls& calls, Call& call, AwaitedDelete of, HttpResponse at_once);

}  // namespace hourwheel
