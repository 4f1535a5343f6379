// A terminal whose clock only the test moves, and where the test answers what is asked.
#pragma once

#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "tools/hourwheel/terminal.h"

namespace hourwheel {

class VirtualTerminal final : public Terminal {
 public:
  // After so many waits whoever waits in a loop ends it.
  explicit VirtualTerminal(TerminalFacts facts = {}, int waits = 0)
      : Terminal(facts), waits_(waits) {}

  void pass(Duration time) { now_ = now_ + time; }
  // From now on the clock has gone on by so much whenever somebody looks how long it took.
  void pass_at_each_look(Duration time) { step_ = time; }
  void will_say(std::string answer) { answers_.push_back(std::move(answer)); }
  [[nodiscard]] const std::vector<std::string>& questions() const { return questions_; }

  [[nodiscard]] Instant now() const override { return now_; }
  [[nodiscard]] Monotonic steady() const override {
    now_ = now_ + step_;
    return {now_.ms};
  }
  bool wait(Duration time) override {
    pass(time);
    return waits_-- > 0;
  }
  // Without an answer nobody is there any more.
  std::optional<std::string> ask(const std::string& question) override {
    questions_.push_back(question);
    if (answers_.empty()) return std::nullopt;
    std::string answer = std::move(answers_.front());
    answers_.pop_front();
    return answer;
  }
  std::optional<std::string> ask_hidden(const std::string& question) override {
    return ask(question);
  }

 private:
  mutable Instant now_;
  Duration step_;
  int waits_;
  std::deque<std::string> answers_;
  std::vector<std::string> questions_;
};

}  // namespace hourwheel
