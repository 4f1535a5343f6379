// `audit`: asks a server who changed what, and whether its audit log is as it was written.
#pragma once

#include "tools/hourwheel/options_audit.h"
#include "tools/hourwheel/terminal.h"

namespace hourwheel {

// Gives the exit code.
int run_audit_command(AuditOptions& options, const Terminal& terminal);

}  // namespace hourwheel
