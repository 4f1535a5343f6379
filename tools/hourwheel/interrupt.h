// SIGINT and SIGTERM as something to look at, for a verb that has to put away what it made before
// it ends. As long as this lives neither ends the program; what came and was not looked at does so
// behind it. Nor does SIGPIPE: what is written to whoever has gone is an error of that write, also
// of libraries that do not ask for that themselves (OpenSSL, libevent).
//
// Thread: that of the verb; requires that no other lives that takes signals.
#pragma once

#include <csignal>

#include "store/descriptor.h"

namespace hourwheel {

class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  // Whether one came, now or before.
  [[nodiscard]] bool came();
  // Can be read when one is there that came() has not seen.
  [[nodiscard]] int fd() const { return signals_.get(); }

 private:
  using Action = void (*)(int);

  sigset_t before_{};
  Action pipe_before_;
  Descriptor signals_;
  bool came_ = false;
};

}  // namespace hourwheel
