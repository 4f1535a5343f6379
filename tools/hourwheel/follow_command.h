// `hourwheel watch`: a line for each event of GET /v1/changes. When the stream breaks off it goes
// on behind the last event it was sent.
#pragma once

#include <string>

#include "tools/hourwheel/event_stream.h"
#include "tools/hourwheel/options_follow.h"
#include "tools/hourwheel/terminal.h"

namespace hourwheel {

// Ends when the server refuses; with its exit code.
int run_follow_command(const FollowOptions& options, Terminal& terminal);

// Without the end of the line: "08:00:00Z run.ended report succeeded run-…", or with the format
// ndjson {"event":"run.ended","data":{…}}.
std::string event_line(const ServerEvent& event, OutputFormat format, Instant now);

}  // namespace hourwheel
