// Answers a request with what became of its one command: the task as it now stands, the run that
// was started, or the refusal. Thread: the reactor's own.
#pragma once

#include <memory>

#include "api/calls.h"

namespace hourwheel {

// if_match_any: the client demanded that the task exists, so that without it its precondition
// fails, and not the request.
std::unique_ptr<Answer> command_answer(const Command& command, bool if_match_any);
// The same, with the command posted to the shard that owns the task.
void post_command(Calls& calls, Call& call, Command command, bool if_match_any);

// Says so of an answer that is told again.
void note_replay(HttpResponse& response, const CommandDone& done);

}  // namespace hourwheel
