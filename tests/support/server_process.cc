#include "tests/support/server_process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstring>
#include <string_view>

#include "engine/base/check.h"
#include "tests/support/io_uring_denial.h"

namespace hourwheel {
namespace {

constexpr std::string_view kListening = "listening on ";
constexpr int kPipeSize = 1024 * 1024;
constexpr int kCannotExecute = 127;

// A timer of the kernel instead of a clock read: several polls share one deadline.
class Deadline {
 public:
  explicit Deadline(Duration length) : timer_(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC)) {
    HW_CHECK(timer_ >= 0, "P2 every wait has a deadline");
    int64_t ms = std::max<int64_t>(length.ms, 1);
    itimerspec wait{};
    wait.it_value = {ms / 1000, ms % 1000 * 1'000'000};
    timerfd_settime(timer_, 0, &wait, nullptr);
  }
  ~Deadline() { close(timer_); }
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

  // False when the time is over before the file can be read.
  [[nodiscard]] bool wait_readable(int file) const {
    std::array<pollfd, 2> polled{{{file, POLLIN, 0}, {timer_, POLLIN, 0}}};
    while (poll(polled.data(), polled.size(), -1) < 0) {
      HW_CHECK(errno == EINTR, "poll of two open files");
    }
    return polled[0].revents != 0;
  }

 private:
  int timer_;
};

// A list of words as exec takes it.
class WordList {
 public:
  explicit WordList(std::vector<std::string> words) : words_(std::move(words)) {
    for (std::string& word : words_) pointers_.push_back(word.data());
    pointers_.push_back(nullptr);
  }
  [[nodiscard]] char* const* get() const { return pointers_.data(); }

 private:
  std::vector<std::string> words_;
  std::vector<char*> pointers_;
};

WordList arguments_of(const ServerProcess::Program& program) {
  std::vector<std::string> words{program.path};
  words.insert(words.end(), program.arguments.begin(), program.arguments.end());
  return WordList(std::move(words));
}

// The program's own come first: the first of two of one name counts.
WordList environment_of(const ServerProcess::Program& program) {
  std::vector<std::string> words = program.environment;
  for (char** own = environ; *own != nullptr; ++own) words.emplace_back(*own);
  return WordList(std::move(words));
}

struct Words {
  WordList arguments;
  WordList environment;
};

// Between fork and exec: only calls that are safe when another thread holds a lock.
[[noreturn]] void become(const ServerProcess::Program& program, const Words& words, int output,
                         pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) {
    _exit(kCannotExecute);  // the test died before the line above
  }
  dup2(output, STDOUT_FILENO);
  if (program.errors == ServerProcess::Errors::kInOutput) {
    dup2(output, STDERR_FILENO);
  }
  int nothing = open("/dev/null", O_RDONLY);
  dup2(nothing, STDIN_FILENO);
  if (program.confinement == ServerProcess::Confinement::kWithoutIoUring && !deny_io_uring()) {
    _exit(kCannotExecute);
  }
  for (const ServerProcess::ResourceLimit& limit : program.limits) {
    const rlimit both{limit.value, limit.value};
    if (setrlimit(static_cast<__rlimit_resource_t>(limit.resource), &both) != 0) {
      _exit(kCannotExecute);
    }
  }
  execve(program.path.c_str(), words.arguments.get(), words.environment.get());
  _exit(kCannotExecute);
}

}  // namespace

Result<std::unique_ptr<ServerProcess>> ServerProcess::start(const Program& program) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) {
    return failure(ErrorCode::kIo, "", "no pipe for " + program.path);
  }
  fcntl(ends[0], F_SETPIPE_SZ, kPipeSize);
  fcntl(ends[0], F_SETFL, O_NONBLOCK);

  const Words words{arguments_of(program), environment_of(program)};

  pid_t parent = getpid();
  pid_t pid = fork();
  if (pid == 0) {
    become(program, words, ends[1], parent);
  }
  close(ends[1]);
  if (pid < 0) {
    close(ends[0]);
    return failure(ErrorCode::kIo, "", "cannot fork for " + program.path);
  }
  // glibc 2.36 declares pidfd_open without C linkage, so that C++ cannot call it.
  auto pid_file = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
  HW_CHECK(pid_file >= 0, "P1 a child that was not reaped has a pid");
  auto process = std::make_unique<ServerProcess>(pid, pid_file, ends[0]);
  if (Status listening = process->wait_until_listening(program.start_deadline); !listening) {
    return failure(
        ErrorCode::kIo, "",
        program.path + " " + listening.error().detail + "; it printed: " + process->output());
  }
  return process;
}

ServerProcess::ServerProcess(pid_t pid, int pid_file, int output)
    : pid_(pid), pid_file_(pid_file), output_pipe_(output) {}

ServerProcess::~ServerProcess() {
  kill();
  close(pid_file_);
  close(output_pipe_);
}

Status ServerProcess::wait_until_listening(Duration deadline) {
  Deadline end(deadline);
  while (!find_address()) {
    if (!end.wait_readable(output_pipe_)) {
      return failure(ErrorCode::kTimedOut, "", "did not say where it listens");
    }
    if (!read_output()) {
      return failure(ErrorCode::kIo, "", "ended before it listened");
    }
  }
  return {};
}

// Takes the line only when it is whole.
bool ServerProcess::find_address() {
  size_t at = output_.find(kListening);
  size_t end = at == std::string::npos ? at : output_.find('\n', at);
  if (end == std::string::npos) {
    return false;
  }
  at += kListening.size();
  address_ = output_.substr(at, std::min(output_.find_first_of(" \r\n", at), end) - at);
  // A server may print a URL.
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (address_.starts_with(scheme)) {
      address_.erase(0, scheme.size());
    }
  }
  std::string_view digits = std::string_view(address_).substr(address_.rfind(':') + 1);
  std::from_chars(digits.data(), digits.data() + digits.size(), port_);
  return true;
}

// False at the end of the output: the child has closed it.
bool ServerProcess::read_output() {
  std::array<char, 4096> bytes{};
  while (true) {
    ssize_t got = read(output_pipe_, bytes.data(), bytes.size());
    if (got <= 0) {
      return got < 0 && (errno == EAGAIN || errno == EINTR);
    }
    output_.append(bytes.data(), static_cast<size_t>(got));
  }
}

const std::string& ServerProcess::output() {
  read_output();
  return output_;
}

bool ServerProcess::wait_for_output(std::string_view text, Duration deadline) {
  Deadline end(deadline);
  while (output_.find(text) == std::string::npos) {
    if (!end.wait_readable(output_pipe_) || !read_output()) {
      return output_.find(text) != std::string::npos;
    }
  }
  return true;
}

void ServerProcess::send_signal(int signal) {
  if (!exit_) {
    ::kill(pid_, signal);
  }
}

std::optional<ServerProcess::Exit> ServerProcess::wait_for_exit(Duration deadline) {
  if (exit_ || !Deadline(deadline).wait_readable(pid_file_)) {
    return exit_;
  }
  int status = 0;
  pid_t reaped = waitpid(pid_, &status, 0);
  HW_CHECK(reaped == pid_, "P1 only this object reaps its child");
  exit_ = WIFEXITED(status) ? Exit{WEXITSTATUS(status), std::nullopt}
                            : Exit{std::nullopt, WTERMSIG(status)};
  return exit_;
}

void ServerProcess::kill() {
  send_signal(SIGKILL);
  // Nothing survives signal 9; the time is for a child that writes a core or is stuck in a flush.
  HW_CHECK(wait_for_exit(seconds(60)).has_value(), "P1 a killed child ends");
}

}  // namespace hourwheel
