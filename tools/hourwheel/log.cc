#include "tools/hourwheel/log.h"

#include <cstdio>

#include "engine/schedule/time_text.h"
#include "net/system_clock.h"

namespace hourwheel {

void log_line(LogLevel level, const std::string& message) {
  constexpr const char* kNames[] = {"info", "warning", "error"};
  // One write, so that lines of a supervisor's other children do not get in between.
  std::string line = to_text(SystemClock().now().utc) + " " + kNames[static_cast<int>(level)] +
                     " " + message + "\n";
  std::fputs(line.c_str(), stderr);
}

}  // namespace hourwheel
