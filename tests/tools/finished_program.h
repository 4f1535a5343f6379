// A program of ours run by the shell until it ends: its exit code and what it printed.
#pragma once

#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <memory>
#include <string>

namespace hourwheel {

struct FinishedProgram {
  int code = -1;
  std::string output;
};

using Pipe = std::unique_ptr<FILE, int (*)(FILE*)>;

// The path of a program that was built beside the tests.
inline std::string program(const std::string& name) {
  return HW_PROGRAMS "/" + name;
}

inline Pipe begin_program(const std::string& command) {
  return {popen(command.c_str(), "r"), pclose};
}

inline FinishedProgram finish_program(Pipe pipe) {
  FinishedProgram finished;
  std::array<char, 4096> bytes{};
  while (size_t got = fread(bytes.data(), 1, bytes.size(), pipe.get())) {
    finished.output.append(bytes.data(), got);
  }
  finished.code = WEXITSTATUS(pclose(pipe.release()));
  return finished;
}

inline FinishedProgram run_program(const std::string& command) {
  return finish_program(begin_program(command));
}

}  // namespace hourwheel
