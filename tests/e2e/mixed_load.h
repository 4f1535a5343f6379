// One client of a server that may be killed under it: creates, replaces, deletes, pauses and runs
// tasks of its own, and remembers what was asked, what was acknowledged, and what is uncertain.
// Afterwards it says what the server promised: which attempts must have arrived, and after which
// acknowledgements none may start (C-1, C-5, C-10).
//
// Every definition of a task has a path of its own at the target, "/ID/NUMBER", so that an attempt
// tells by which definition it was made.
// Thread: one at a time.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "engine/base/random.h"
#include "engine/base/time.h"
#include "tests/e2e/recording_target.h"
#include "tests/support/http_client.h"

namespace hourwheel {

// From `order` on at most `in_flight` attempts made by definitions up to `definition` may arrive.
struct Stop {
  std::string task;
  uint32_t definition = 0;
  uint64_t order = 0;
  uint64_t in_flight = 0;
};

// What must arrive: any attempt at the path with that due instant, or of that run.
struct Required {
  std::string path;
  Instant due;
  std::string run_id;  // given: this run, whenever it was due
};

class MixedLoad {
 public:
  MixedLoad(std::string prefix, uint64_t seed, RecordingTarget& target);

  // One change. False when the server did not answer it, or said "not now": then it is uncertain.
  bool change_something(HttpClient& client);

  // Compares what is certain with what the server shows, and settles by what it shows what is
  // uncertain. Complaints are test failures; false when the server did not answer.
  enum class Scope : uint8_t { kSinceLast, kEverything };
  bool compare(HttpClient& client, Scope scope);

  [[nodiscard]] std::vector<Required> required() const;
  [[nodiscard]] const std::vector<Stop>& stops() const { return stops_; }
  // Tasks that never came to be: their creation was not acknowledged and has left nothing.
  [[nodiscard]] const std::unordered_set<std::string>& never_were() const { return never_were_; }
  // The paths of recurring tasks that are active.
  [[nodiscard]] std::vector<std::string> recurring_paths() const;
  [[nodiscard]] uint64_t requests() const { return requests_; }
  [[nodiscard]] uint64_t acknowledged() const { return acknowledged_; }
  // How often it was told "not now" (503), by the problem's code.
  [[nodiscard]] const std::map<std::string, uint64_t>& refusals() const { return refusals_; }

 private:
  enum class Kind : uint8_t { kNear, kFar, kRecurring };
  enum class Verb : uint8_t { kCreate, kReplace, kDelete, kPause, kRun };
  struct Definition {
    Kind kind = Kind::kNear;
    uint32_t number = 0;  // 0: there is none
    Instant due;
  };
  struct Task {
    std::string id;
    Definition now;
    uint32_t definitions = 0;  // tried so far
    bool paused = false;
    bool deleted = false;
    bool may_change = false;
    bool compare = true;
    std::optional<Verb> uncertain;
    Definition perhaps;  // the definition of an uncertain create or replace
  };

  Definition draw_definition(Task& task, bool recurring);  // NOLINT: one call site each
  std::string body_of(const Task& task, const Definition& definition) const;
  std::string path_of(const Task& task, const Definition& definition) const;
  bool create(HttpClient& client);
  bool change(HttpClient& client, Task& task);
  bool run_now(HttpClient& client, Task& task);
  bool send(HttpClient& client, Task& task, Verb verb, HttpAnswer& answer);
  void acknowledged(Task& task, Verb verb, uint64_t order, uint64_t in_flight);
  void settle(Task& task, bool exists, const std::string& shown);
  Task* pick_changeable();

  const std::string prefix_;
  Random random_;
  RecordingTarget& target_;
  std::vector<Task> tasks_;
  std::vector<Stop> stops_;
  std::vector<Required> manual_runs_;
  std::unordered_set<std::string> never_were_;
  uint32_t recurring_ = 0;
  uint64_t requests_ = 0;
  uint64_t acknowledged_ = 0;
  std::map<std::string, uint64_t> refusals_;
};

}  // namespace hourwheel
