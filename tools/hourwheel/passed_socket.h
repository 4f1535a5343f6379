// A listening socket that a supervisor has passed (socket activation): the protocol of
// sd_listen_fds(3), descriptors from 3 on, as many as LISTEN_FDS says, for the process LISTEN_PID.
// One is listened on. Where several were passed, it is the one that LISTEN_FDNAMES calls "http".
// Thread: before others begin.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/base/result.h"
#include "tools/hourwheel/environment.h"

namespace hourwheel {

// As the environment has it; empty: not there.
struct PassedVariables {
  std::string pid;
  std::string fds;
  std::string names;  // between colons

  static PassedVariables of_environment() {
    return {environment("LISTEN_PID"), environment("LISTEN_FDS"), environment("LISTEN_FDNAMES")};
  }
};

// nullopt: none was passed to this process. It is not handed on to programs that are started.
Result<std::optional<int>> passed_socket(const PassedVariables& variables, int64_t pid);

}  // namespace hourwheel
