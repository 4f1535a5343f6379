// SQLite's allocations, of which the one after so many fails, alone or with all that follow.
//
// install() comes before anything of SQLite's. The figures are the process's: SQLite takes its
// allocator once for all. Thread: one.
#pragma once

#include <cstdint>

namespace hourwheel::failing_memory {

void install();
void fail(uint64_t after, bool for_good);
void stop();
// Since fail(), also after stop().
bool struck();

}  // namespace hourwheel::failing_memory
