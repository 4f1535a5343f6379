// An attempt as a block of text for people to read: what it did, and what it was answered, line by
// line. Thread: pure function, any thread.
#pragma once

#include <string>

#include "api/json_reader.h"
#include "tools/hourwheel/table.h"

namespace hourwheel {

// Of /v1/runs/{id}/attempts. No byte of an answer is a command to the terminal.
std::string attempt_block(const JsonValue& attempt, const Look& look);

}  // namespace hourwheel
