// A program of ours run as a child: the server and the webhook sink, for the end-to-end tests. It
// has started when it has printed "listening on ADDRESS:PORT", or a URL of that, to its standard
// output.
//
// Invariants
//   P1  No child outlives its test: the destructor kills and reaps it, and the kernel kills it when
//       the test dies first.
//   P2  Every wait has a deadline.
// Its standard error goes where the test's goes, unless it is wanted in the output. Its standard
// output stays in a pipe of 1 MiB that output() empties; a program that prints more between two
// calls waits.
// Thread: the one that started it (the kernel ties the child to that thread).
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/base/time.h"

namespace hourwheel {

class ServerProcess {
 public:
  enum class Errors : uint8_t { kWithTheTests, kInOutput };
  enum class Confinement : uint8_t { kNone, kWithoutIoUring };
  struct ResourceLimit {
    int resource = 0;  // RLIMIT_...
    uint64_t value = 0;
  };
  struct Program {
    std::string path;
    std::vector<std::string> arguments;
    Duration start_deadline = seconds(10);
    Errors errors = Errors::kWithTheTests;
    Confinement confinement = Confinement::kNone;
    std::vector<std::string> environment = {};  // "NAME=value", beside the test's own
    std::vector<ResourceLimit> limits = {};     // soft and hard
  };
  // How a child ended: exactly one of the two is set.
  struct Exit {
    std::optional<int> code;
    std::optional<int> signal;
  };

  // Refused with everything it printed when it ends, or says nothing until the deadline.
  static Result<std::unique_ptr<ServerProcess>> start(const Program& program);
  // Only for start(): takes a running child and the reading end of its output.
  ServerProcess(pid_t pid, int pid_file, int output);
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  [[nodiscard]] const std::string& address() const { return address_; }  // "127.0.0.1:41234"
  [[nodiscard]] uint16_t port() const { return port_; }
  [[nodiscard]] pid_t pid() const { return pid_; }

  // Does nothing when the child has ended.
  void send_signal(int signal);
  // nullopt when it still runs at the deadline; afterwards the same answer again.
  std::optional<Exit> wait_for_exit(Duration deadline);
  // kill -9 and the wait for it.
  void kill();
  // All it has printed to standard output up to now.
  const std::string& output();
  // Waits until it has printed the text; false when it ends or the deadline passes before that.
  bool wait_for_output(std::string_view text, Duration deadline);

 private:
  Status wait_until_listening(Duration deadline);
  bool find_address();
  bool read_output();

  pid_t pid_;
  int pid_file_;
  int output_pipe_;
  std::string output_;
  std::string address_;
  uint16_t port_ = 0;
  std::optional<Exit> exit_;
};

}  // namespace hourwheel
