#include "tests/e2e/node.h"

#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "engine/base/check.h"

namespace hourwheel {
namespace {

// Two files and two reactors, so that requests cross from one to the other, on any machine.
constexpr const char* kShards = "2";
constexpr const char* kReactors = "2";

bool kernel_allows_io_uring() {
  // No entries is refused as such (EINVAL) where the call itself is allowed.
  return syscall(SYS_io_uring_setup, 0, nullptr) < 0 && errno != EPERM && errno != ENOSYS;
}

std::string make_folder() {
  std::string name = testing::TempDir() + "hourwheel-e2e-XXXXXX";
  HW_CHECK(mkdtemp(name.data()) != nullptr, "a test needs a folder");
  return name;
}

}  // namespace

std::string name_of(const Backend& backend) {
  std::string name = backend.io;
  return backend.confinement == ServerProcess::Confinement::kNone ? name : name + "WithoutIoUring";
}

void PrintTo(const Backend& backend, std::ostream* stream) {
  *stream << name_of(backend);
}

std::vector<Backend> backends() {
  std::vector<Backend> all{
      {"libevent", ServerProcess::Confinement::kNone, "libevent"},
      {"auto", ServerProcess::Confinement::kWithoutIoUring, "libevent"},
  };
  if (kernel_allows_io_uring()) {
    all.push_back({"uring", ServerProcess::Confinement::kNone, "io_uring"});
  }
  return all;
}

Node::Node(Backend backend) : backend_(backend), folder_(make_folder()) {}

Node::~Node() {
  process_.reset();
  std::filesystem::remove_all(folder_);
}

std::vector<std::string> Node::arguments(const std::string& listen) const {
  std::vector<std::string> all{"serve",     "--listen", listen,  "--data",     folder_,  "--io",
                               backend_.io, "--shards", kShards, "--reactors", kReactors};
  if (dev_) all.emplace_back("--dev");
  all.insert(all.end(), more_.begin(), more_.end());
  return all;
}

bool Node::start(const std::string& listen) {
  Status started = try_start(listen);
  EXPECT_TRUE(started) << started.error().detail;
  return started.has_value();
}

Status Node::try_start(const std::string& listen) {
  process_.reset();
  ServerProcess::Program program{HW_SERVER,
                                 arguments(listen),
                                 seconds(20),
                                 ServerProcess::Errors::kInOutput,
                                 backend_.confinement,
                                 environment_,
                                 limits_};
  auto started = ServerProcess::start(program);
  if (!started) return failure(std::move(started.error()));
  process_ = std::move(*started);
  return {};
}

void Node::kill() {
  process_->kill();
}

std::optional<ServerProcess::Exit> Node::stop() {
  process_->send_signal(SIGTERM);
  return process_->wait_for_exit(seconds(40));
}

HttpAnswer Node::call(std::string_view method, std::string_view path, std::string_view body) {
  HttpClient client(port(), 30'000);
  auto answer = client.request(method, path, body, body.empty() ? "" : kJsonFields);
  EXPECT_TRUE(answer) << method << " " << path << " got no answer; the server printed "
                      << process_->output();
  return answer.value_or(HttpAnswer{});
}

double Node::metric(std::string_view name) {
  const std::string page = call("GET", "/metrics").body;
  double sum = 0;
  for (size_t at = page.find(name); at != std::string::npos; at = page.find(name, at + 1)) {
    bool starts_line = at == 0 || page[at - 1] == '\n';
    char next = page[at + name.size()];
    if (!starts_line || (next != ' ' && next != '{')) continue;
    size_t end = page.find('\n', at);
    size_t space = page.rfind(' ', end);
    sum += std::strtod(page.c_str() + space, nullptr);
  }
  return sum;
}

Ended run_to_the_end(const std::vector<std::string>& arguments) {
  std::string command = std::string("timeout 20 ") + HW_SERVER;
  for (const std::string& argument : arguments) command += " '" + argument + "'";
  command += " 2>&1";
  std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  Ended ended;
  std::array<char, 4096> bytes{};
  while (size_t got = fread(bytes.data(), 1, bytes.size(), pipe.get())) {
    ended.output.append(bytes.data(), got);
  }
  ended.code = WEXITSTATUS(pclose(pipe.release()));
  return ended;
}

}  // namespace hourwheel
