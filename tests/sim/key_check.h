// What clients know of the Idempotency-Keys that they have used: which request each one was for,
// and what they were told (C-2). Black-box: it knows nothing of the inside.
//
//   K1  After a key was answered it is told again as it was, with the same body, for 24 hours.
//   K2  ... and refused with another body.
//   K3  A command is refused as under way only while another one with its key may be.
// A key comes with two bodies, 0 and 1; what its command asks for is the same.
// Thread: one world's.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <vector>

#include "engine/message.h"
#include "tests/sim/trace.h"

namespace hourwheel {

class KeyCheck {
 public:
  explicit KeyCheck(Trace& trace) : trace_(trace) {}

  // One use of a key.
  struct Use {
    AnswerScope scope;
    uint8_t body = 0;
    bool beside = false;  // another use may have been under way when this one was asked
    Instant asked;
  };

  // Puts a key on a command that has none, or asks for what one is about again.
  Use begin(Command& command, Random& random, Instant now);
  std::optional<Command> again(Use& use, Random& random);

  // What came of it. True: it is as any other command's, and to be checked as such.
  bool answered(const Use& use, const CommandOutcome& outcome);
  // Nobody will ever say.
  void lost(const Use& use);

 private:
  struct Told {
    uint8_t body = 0;
    CommandEffect effect = CommandEffect::kDone;
    Version version;
    Instant updated;
    std::optional<RunKey> run;
    friend bool operator==(const Told&, const Told&) = default;
  };
  struct Sent {
    Command command;
    uint32_t open = 0;            // uses that are not answered
    std::array<bool, 2> maybe{};  // by body: an answer that nobody has seen may be kept
    std::optional<Told> told;     // an answer that may be kept
    Instant since;                // what was told was not decided before this
    [[nodiscard]] bool may_be_kept(uint8_t body) const {
      return maybe[body] || (told && told->body == body);
    }
  };
  bool refused(const Use& use, Sent& sent, const Error& why);
  void replayed(const Use& use, Sent& sent, const Told& told);
  void in_doubt(const Use& use, Sent& sent) const;
  [[nodiscard]] bool surely_kept(const Sent& sent) const;

  Trace& trace_;
  std::map<AnswerScope, Sent> sent_;
  std::vector<AnswerScope> order_;
};

}  // namespace hourwheel
