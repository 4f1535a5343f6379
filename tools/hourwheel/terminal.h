// What a command needs of the world it was typed in: the clock, somebody to ask, and how the output
// looks. The clock belongs to the outermost loop, so it is handed in here and nowhere else.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/base/time.h"

namespace hourwheel {

struct TerminalFacts {
  bool can_ask = false;      // standard input is a terminal
  bool can_redraw = false;   // standard output is one
  bool sees_errors = false;  // standard error is one
  bool colour = false;
  uint32_t columns = 0;  // 0: as many as a line has
};

class Terminal {
 public:
  virtual ~Terminal() = default;
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  [[nodiscard]] const TerminalFacts& facts() const { return facts_; }
  [[nodiscard]] virtual Instant now() const = 0;
  // For how long something takes: no step of the wall clock moves it.
  [[nodiscard]] virtual Monotonic steady() const = 0;
  // False: the time is over before, and whoever waits in a loop ends it.
  virtual bool wait(Duration time) = 0;
  // Asks on standard error; nullopt: nobody answers any more. Requires: facts().can_ask.
  virtual std::optional<std::string> ask(const std::string& question) = 0;
  // The same of what nobody else shall see: it is not shown while it is typed.
  virtual std::optional<std::string> ask_hidden(const std::string& question) = 0;

 protected:
  explicit Terminal(TerminalFacts facts) : facts_(facts) {}

 private:
  TerminalFacts facts_;
};

// The real one.
class SystemTerminal final : public Terminal {
 public:
  SystemTerminal();
  [[nodiscard]] Instant now() const override;
  [[nodiscard]] Monotonic steady() const override;
  bool wait(Duration time) override;
  std::optional<std::string> ask(const std::string& question) override;
  std::optional<std::string> ask_hidden(const std::string& question) override;
};

// From here on ^C ends the program with exit code 130, whoever started it.
void end_on_interrupt();

}  // namespace hourwheel
