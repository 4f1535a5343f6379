// Callbacks: what tells others that a run has ended. A callback is an ordinary one-time task that
// the shard makes in the batch that holds the end, due at once; so it has retries, a run log, a
// signature and a place in the lines like any other, and goes when it has been delivered.
//
//   B1  Each end that calls for a callback makes one, in the same batch: none is lost, and none
//       tells of an end that did not become durable.
//   B2  The definition in memory at the end decides. That is the one in force, but for a deleted
//       task whose definition is not at hand any more: nobody is told of such an end.
//   B3  A callback has no callbacks of its own.
//   B4  It is kept in memory like any change (N1). Beyond the room there is for it, it is left to
//       the due index: read with the horizon, or parked (N5) as soon as it is durable.
//   B5  While a batch holds kMaxBatchCallbacks of them nothing more is fired, so that it cannot
//       grow by more than what is in flight.
// Thread: pure functions, any thread.
#pragma once

#include <string>
#include <string_view>

#include "engine/run.h"
#include "engine/task.h"

namespace hourwheel {

// Of a callback's task: names the one whose run has ended.
inline constexpr std::string_view kCallbackLabel = "callback-of";

// The one that this end of a run calls for; nullptr: none.
const Callback* callback_for(const Callbacks& callbacks, RunState end, SkipReason reason);

// The definition of the task that makes it. Its id is the caller's to give.
TaskSpec callback_task(const TaskSpec& of, const Callback& callback, Instant due);

}  // namespace hourwheel
