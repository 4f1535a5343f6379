#include "tests/sim/failing_memory.h"

#include <sqlite3.h>

#include <optional>

#include "engine/base/check.h"

namespace hourwheel::failing_memory {
namespace {

struct State {
  sqlite3_mem_methods real{};
  std::optional<uint64_t> left;
  bool for_good = false;
  bool dead = false;
  bool struck = false;
};
State state;  // NOLINT(misc-*): see the header

bool may_allocate() {
  if (state.left && (*state.left)-- == 0) {
    state.left.reset();
    state.struck = true;
    state.dead = state.for_good;
    return false;
  }
  return !state.dead;
}

void* allocate(int size) {
  return may_allocate() ? state.real.xMalloc(size) : nullptr;
}
void* reallocate(void* old, int size) {
  return may_allocate() ? state.real.xRealloc(old, size) : nullptr;
}

}  // namespace

void install() {
  int code = sqlite3_config(SQLITE_CONFIG_GETMALLOC, &state.real);
  sqlite3_mem_methods failing = state.real;
  failing.xMalloc = allocate;
  failing.xRealloc = reallocate;
  if (code == SQLITE_OK) code = sqlite3_config(SQLITE_CONFIG_MALLOC, &failing);
  // Else SQLite gives a connection a pool of its own, and asks for little.
  if (code == SQLITE_OK) code = sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0);
  HW_CHECK(code == SQLITE_OK, "SQLite takes the allocator");
}

void fail(uint64_t after, bool for_good) {
  state.left = after;
  state.for_good = for_good;
  state.dead = false;
  state.struck = false;
}

void stop() {
  state.left.reset();
  state.dead = false;
}

bool struck() {
  return state.struck;
}

}  // namespace hourwheel::failing_memory
