// Many commands in one request, each with its own result, none atomic across entries. Entries for
// the same shard travel together and are committed together.
// Thread: the reactor's own.
#pragma once

#include <string>
#include <vector>

#include "api/batch_patches.h"
#include "api/calls.h"

namespace hourwheel {

struct BatchEntry {
  std::string id;
  TaskKey key{};
  size_t line = 0;       // of an import, told with what became of it; 0: of a batch
  std::string result{};  // JSON, once known
};

std::string result_of(const BatchEntry& entry, const CommandOutcome& outcome);
std::string refused_result(const BatchEntry& entry, const Problem& problem);
// Of an entry that would be taken, of which nothing more is known.
std::string good_result(const BatchEntry& entry);

// The entries in the order in which they are answered, and what is asked of the shards for them.
class BatchOrders {
 public:
  explicit BatchOrders(const ShardDoor& shards);
  // With its result: it was refused before any shard was asked.
  void add(BatchEntry entry) { entries_.push_back(std::move(entry)); }
  void add(BatchEntry entry, Command command);
  // Carried out after all others (BP1).
  void add(BatchEntry entry, BatchPatch patch);
  [[nodiscard]] size_t size() const { return entries_.size(); }

  // Posts the commands, and answers the call when the last of them is decided.
  void carry_out(Calls& calls, Call& call);

 private:
  const ShardDoor& shards_;
  std::vector<BatchEntry> entries_;
  std::vector<std::vector<size_t>> of_shard_;  // the entries each shard decides, in order
  std::vector<std::vector<Command>> commands_;
  BatchPatches patches_;
};

}  // namespace hourwheel
