// One line of the server's log on stderr: instant, level, message, then name=value pairs. Only the
// main thread and start-up log; a reactor never does.
#pragma once

#include <string>

namespace hourwheel {

enum class LogLevel : unsigned char { kInfo, kWarning, kError };

void log_line(LogLevel level, const std::string& message);

}  // namespace hourwheel
