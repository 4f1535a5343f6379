// What a route is about, as far as keys that are narrowed to a selection of tasks are concerned.
#pragma once

#include <cstdint>

namespace hourwheel {

enum class Reach : uint8_t {
  kSelection,  // tasks and their runs: those within the key's selection, as if there were no others
  kServer,     // all tasks at once, or the server: nothing for a narrowed key
  kNoTasks,    // it tells of no task, and changes none but the one that a link is about
};

}  // namespace hourwheel
