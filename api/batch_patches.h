// The patches of a batch: each task is read, its patch put on it, and the result put in its place
// if the task is still at the version that was read; otherwise that begins anew.
//
// Invariants
//   BP1  They come after all other entries of their batch, and those of one shard one after the
//        other: a patch of a task finds what the entries before it have made of that.
//   BP2  Of a shard one lot of kPatchedPerLot is under way at a time: a reactor spends some 2 ms on
//        it, and the shard commits it as one.
// Thread: the reactor's own.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/calls.h"

namespace hourwheel {

struct BatchEntry;

struct BatchPatch {
  size_t entry = 0;  // of the batch
  std::string id;
  TaskKey key{};
  std::string text{};     // the merge patch, which was read before
  std::string pointer{};  // where it stands in the body
  std::optional<IdempotencyKey> idempotency{};
};

class BatchPatches {
 public:
  explicit BatchPatches(uint32_t shards) : lanes_(shards) {}

  void add(uint32_t shard, BatchPatch patch) {
    lanes_[shard].waiting.push_back({std::move(patch)});
  }
  // Posts the first lots, whose answers are parts of the call. Results go to the entries.
  void begin(Calls& calls, Call& call, std::vector<BatchEntry>& entries);
  void on_part(Calls& calls, Call& call, Reply reply, std::vector<BatchEntry>& entries);
  // Each has its result.
  [[nodiscard]] bool done() const;

 private:
  struct Order {
    BatchPatch patch;
    uint32_t tries = 0;
    bool recalled = false;  // what is kept under its key was asked for
    std::optional<Command> change{};
  };
  struct Lane {
    std::deque<Order> waiting;
    std::vector<Order> lot;  // those of it that have no result yet
    size_t looks = 0;        // questions about them
  };
  struct Turn {  // what a lane works on
    Calls& calls;
    Call& call;
    std::vector<BatchEntry>& entries;
  };

  [[nodiscard]] std::optional<Error> must_stop(Calls& calls) const;
  void next_lot(const Turn& turn, uint32_t shard);
  static void take_lot(Lane& lane);
  bool ask(const Turn& turn, uint32_t shard, const Order& order);
  void on_look(const Turn& turn, uint32_t shard, size_t entry, Result<QueryAnswer> found);
  void go_on(const Turn& turn, uint32_t shard, Order& order, Recalled recalled);
  static std::optional<Problem> put_on(const Turn& turn, const StoredTask& task, Order& order);
  void change(const Turn& turn, uint32_t shard);
  void on_outcomes(const Turn& turn, uint32_t shard, const std::vector<CommandOutcome>& outcomes);
  static void end(const Turn& turn, Lane& lane, size_t entry, std::string result);
  static void refuse(const Turn& turn, Lane& lane, size_t entry, const Problem& problem);
  static void refuse_lot(const Turn& turn, Lane& lane, const Error& why);

  std::vector<Lane> lanes_;
  Monotonic until_;
};

}  // namespace hourwheel
