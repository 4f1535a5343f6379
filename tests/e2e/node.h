// One Hourwheel server as a test sees it: a data folder of its own, which outlives the process, and
// the process, which a test may kill and start again.
//
// Thread: one at a time; the one that starts the process must live as long as it.
#pragma once

#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/time.h"
#include "tests/support/http_client.h"
#include "tests/support/server_process.h"

namespace hourwheel {

// How attempts leave the server, and what the kernel allows it.
struct Backend {
  const char* io = "auto";
  ServerProcess::Confinement confinement = ServerProcess::Confinement::kNone;
  const char* expected = nullptr;  // what GET /v1/server must name
};
void PrintTo(const Backend& backend, std::ostream* stream);  // NOLINT: googletest's name
std::string name_of(const Backend& backend);
// All that can be tried here: io_uring only where the kernel allows it.
std::vector<Backend> backends();

class Node {
 public:
  explicit Node(Backend backend = {});
  // With its data there; made if absent.
  Node(Backend backend, std::string folder) : backend_(backend), folder_(std::move(folder)) {}
  ~Node();
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  // Starts the process on the folder; false, and a test failure, when it does not come up.
  bool start(const std::string& listen = "127.0.0.1:0");
  // The same where it may well not come up: then the refusal tells what it printed.
  Status try_start(const std::string& listen = "127.0.0.1:0");
  // "NAME=value", for the processes started from now on.
  void set_environment(std::vector<std::string> environment) {
    environment_ = std::move(environment);
  }
  void set_limits(std::vector<ServerProcess::ResourceLimit> limits) { limits_ = std::move(limits); }
  // As where others depend on it: targets on this machine are refused by itself.
  void leave_out_dev() { dev_ = false; }
  // Further arguments of the server.
  void add_arguments(std::vector<std::string> more) { more_ = std::move(more); }
  // kill -9
  void kill();
  // SIGTERM and the wait; what the process ended with.
  std::optional<ServerProcess::Exit> stop();

  [[nodiscard]] ServerProcess& server() { return *process_; }
  [[nodiscard]] uint16_t port() const { return process_->port(); }
  [[nodiscard]] const std::string& folder() const { return folder_; }
  [[nodiscard]] std::vector<std::string> arguments(const std::string& listen) const;

  // One request on a connection of its own, with a JSON body where there is one.
  HttpAnswer call(std::string_view method, std::string_view path, std::string_view body = "");
  // The value of a counter or gauge on the metrics page, summed over its labels.
  double metric(std::string_view name);

 private:
  Backend backend_;
  std::string folder_;
  std::vector<std::string> environment_;
  std::vector<ServerProcess::ResourceLimit> limits_;
  std::vector<std::string> more_;
  bool dev_ = true;
  std::unique_ptr<ServerProcess> process_;
};

inline constexpr std::string_view kJsonFields = "Content-Type: application/json\r\n";

// For folders that a test copies or keeps in memory: the ballast, a part of the reserve, is small.
inline const std::vector<std::string> kSmallReserve{"--storage-reserve", "1MiB"};

// Runs the server's program with these arguments to its end, and tells what it said on both
// outputs.
struct Ended {
  int code = -1;
  std::string output;
};
Ended run_to_the_end(const std::vector<std::string>& arguments);

}  // namespace hourwheel
