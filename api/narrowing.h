// Keeps what a narrowed API key asks, and what it is told, within its selection
// (engine/selection.h): its questions about many tasks ask for the labels as well, and answers
// about one task are looked at when they come back. Every query and every answer has its case; none
// is let through by default. Changes are the shards' to judge. Cost: nothing for other keys.
// Thread: pure functions.
#pragma once

#include <cstdint>

#include "engine/message.h"

namespace hourwheel {

// What a query is about, which its answer alone does not tell.
enum class Sought : uint8_t { kMany, kOneTask, kLetters };

// SL1. Requires: a selection.
Sought narrow(Query& query, const Selection& selection);
void narrow(Result<QueryAnswer>& answer, Sought sought, const Selection& selection);

}  // namespace hourwheel
