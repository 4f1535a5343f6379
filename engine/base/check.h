// Assertions that stay on in release builds. A check states what only a bug can break; what the
// outside world can do is a Result. The message quotes the invariant by name ("S1 ...").
#pragma once

namespace hourwheel {

// Writes file, line, condition and message to stderr and aborts the process.
[[noreturn]] void check_failed(const char* file, int line, const char* condition,
                               const char* message);

}  // namespace hourwheel

#define HW_CHECK(condition, message)                                        \
  do {                                                                      \
    if (!(condition)) [[unlikely]] {                                        \
      ::hourwheel::check_failed(__FILE__, __LINE__, #condition, (message)); \
    }                                                                       \
  } while (false)
