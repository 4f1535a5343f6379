// Which runs a list, or a change of many, is about, as far as their last attempt tells.
//
// Cost: `error` is looked for in every byte of the attempt's error. Thread: pure functions, any
// thread.
#pragma once

#include <string_view>

#include "engine/message.h"

namespace hourwheel {

// It asks for something that only an attempt tells.
bool asks_for_end(const DeadFilter& filter);
// Of an attempt that did not succeed, unless nothing is asked of its error.
bool matches_end(const DeadFilter& filter, AttemptResult result, uint16_t status,
                 std::string_view detail);

}  // namespace hourwheel
