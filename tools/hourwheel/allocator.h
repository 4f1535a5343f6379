// How the allocator of the server is set up (docs/adr/0012-allocator.md).
#pragma once

namespace hourwheel {

// Free memory stays with the process for a moment before it goes back to the system. In builds
// without mimalloc this does nothing. Thread: main, before there are others.
void keep_free_memory_for_a_moment();

}  // namespace hourwheel
