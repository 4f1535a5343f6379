// `hourwheel db …`; the exit code.
#pragma once

#include "engine/base/time.h"
#include "tools/hourwheel/options_db.h"

namespace hourwheel {

int run_db_command(const DbOptions& options, Instant now);

}  // namespace hourwheel
