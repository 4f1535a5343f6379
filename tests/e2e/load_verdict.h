// Judges what arrived at the target, and what the run logs say, against what the clients of a mixed
// load were promised.
// Thread: one.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/e2e/fixture.h"
#include "tests/e2e/mixed_load.h"

namespace hourwheel {

struct Findings {
  size_t required = 0;
  size_t repeats = 0;
  // None of these may be.
  size_t lost = 0;
  size_t after_stop = 0;
  size_t unflagged = 0;
  size_t early = 0;
  size_t doubled = 0;  // the same attempt of a run twice in one life of the server
};

class LoadVerdict {
 public:
  using Loads = std::vector<std::unique_ptr<MixedLoad>>;
  LoadVerdict(RecordingTarget& target, Node& node, const Loads& loads)
      : target_(target), node_(node), loads_(loads) {}

  // How long an attempt that must arrive is waited for.
  void set_patience(Duration patience) { patience_ = patience; }
  // A server is about to start.
  void life_began() { lives_.push_back(target_.stamp()); }
  // While the last server runs and nobody changes anything any more.
  void judge();
  [[nodiscard]] const Findings& findings() const { return findings_; }

 private:
  void await_required();
  void await_recurring();
  void check_run_logs();
  std::vector<std::string> all_runs(const std::string& id);
  void check_run_log(const std::string& id, const std::string& path,
                     const std::vector<std::string>& runs);
  void check_arrivals();
  void check_repeat(const ReceivedAttempt& attempt, uint32_t highest);
  void check_stop(const Stop& stop, const std::vector<const ReceivedAttempt*>& attempts);
  [[nodiscard]] size_t life_of(uint64_t order) const;

  RecordingTarget& target_;
  Node& node_;
  const Loads& loads_;
  Duration patience_ = kPatience;
  std::vector<uint64_t> lives_;  // stamps
  Findings findings_;
};

}  // namespace hourwheel
