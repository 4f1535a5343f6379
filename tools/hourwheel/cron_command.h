// `hourwheel cron next …`: when a schedule is due, computed here; no server is asked.
#pragma once

#include "engine/base/time.h"
#include "tools/hourwheel/options.h"

namespace hourwheel {

// Exit codes: 0 ok, 2 a schedule, zone or instant that is none.
int run_cron_command(const CronOptions& options, Instant now);

}  // namespace hourwheel
