// Waits until a run has ended.
#pragma once

#include "tools/hourwheel/ask.h"
#include "tools/hourwheel/output_format.h"
#include "tools/hourwheel/terminal.h"

namespace hourwheel {

struct OpenedRun {
  OutputFormat format;
  const ApiAnswer& answer;  // to the request that opened it
};

// Prints the run as it ended. The exit code: kOk if it succeeded, else kRunFailed.
int wait_for_run(ApiClient& client, Terminal& terminal, const OpenedRun& run);

}  // namespace hourwheel
