#include "tools/hourwheel/terminal.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string_view>

#include "api/url_text.h"
#include "net/system_clock.h"
#include "tools/hourwheel/environment.h"

namespace hourwheel {
namespace {

constexpr int kInterrupted = 130;

// COLUMNS counts when it is exported: who sets it wants that width, also into a file.
uint32_t columns_of(bool is_terminal) {
  constexpr int64_t kMost = 10'000;
  if (auto said = read_number(environment("COLUMNS")); said && *said > 0 && *said < kMost) {
    return static_cast<uint32_t>(*said);
  }
  winsize size{};
  if (is_terminal && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) return size.ws_col;
  return 0;
}

// https://no-color.org
TerminalFacts look_around() {
  TerminalFacts facts;
  facts.can_ask = isatty(STDIN_FILENO) == 1;
  facts.can_redraw = isatty(STDOUT_FILENO) == 1;
  facts.sees_errors = isatty(STDERR_FILENO) == 1;
  facts.colour =
      facts.can_redraw && environment("NO_COLOR").empty() && environment("TERM") != "dumb";
  facts.columns = columns_of(facts.can_redraw);
  return facts;
}

extern "C" void end_interrupted(int) {
  _exit(kInterrupted);
}

}  // namespace

SystemTerminal::SystemTerminal() : Terminal(look_around()) {}

Instant SystemTerminal::now() const {
  return SystemClock().now().utc;
}

Monotonic SystemTerminal::steady() const {
  return SystemClock().now().mono;
}

bool SystemTerminal::wait(Duration time) {
  std::fflush(stdout);
  static_cast<void>(poll(nullptr, 0, static_cast<int>(time.ms)));
  return true;
}

std::optional<std::string> SystemTerminal::ask(const std::string& question) {
  std::fprintf(stderr, "%s ", question.c_str());
  std::string line;
  if (!std::getline(std::cin, line)) return std::nullopt;
  return line;
}

std::optional<std::string> SystemTerminal::ask_hidden(const std::string& question) {
  termios before{};
  if (tcgetattr(STDIN_FILENO, &before) != 0) return std::nullopt;
  termios hidden = before;
  // ^C must not leave the terminal so: it says nothing until the line is there.
  hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO | ISIG);
  tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
  auto line = ask(question);
  tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
  std::fputc('\n', stderr);
  return line;
}

void end_on_interrupt() {
  struct sigaction action {};
  action.sa_handler = end_interrupted;
  sigaction(SIGINT, &action, nullptr);
}

}  // namespace hourwheel
