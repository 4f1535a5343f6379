#include "tools/hourwheel/allocator.h"

#ifdef HW_MIMALLOC
#include <mimalloc.h>
#endif

namespace hourwheel {

void keep_free_memory_for_a_moment() {
#ifdef HW_MIMALLOC
  // Milliseconds. MIMALLOC_DECOMMIT_DELAY in the environment goes before.
  mi_option_set_default(mi_option_decommit_delay, 250);
#endif
}

}  // namespace hourwheel
