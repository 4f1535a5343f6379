// Answers a request with what became of its one command: the task as it now stands, the run that
// was started, or the refusal. Thread: the reactor's own.
#pragma once

#include <memory>

#include "api/calls.h"
#include "api/preconditions.h"

namespace hourwheel {

// if_match_any: the client demanded that the task exists, so that without it its precondition
// fails, and not the request.
std::unique_ptr<Answer> command_answer(const Command& command, bool if_match_any);
// The same, with the command posted to the shard that owns the task.
void post_command(Calls& calls, Call& call, Command command, bool if_match_any);

// If-Match of a request about a task that is there, which makes none. nullopt: the call is refused.
std::optional<Preconditions> read_if_match(Calls& calls, Call& call, const HttpRequest& request);

// Says so of an answer that is told again.
void note_replay(HttpResponse& response, const CommandDone& done);

}  // namespace hourwheel
