#include "tests/sim/quota_check.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace hourwheel {
namespace {

struct SimKey {
  const char* id;
  uint32_t max_tasks;
};
constexpr std::array kKeys{SimKey{"key-of-one", 1}, SimKey{"key-of-3", 3}, SimKey{"key-of-9", 9}};

uint32_t max_of(std::string_view id) {
  for (const SimKey& key : kKeys) {
    if (key.id == id) return key.max_tasks;
  }
  return 0;
}

// AU1: what nobody asked for, the shard made by itself.
bool is_asked_for(const Batch& batch, size_t change) {
  return std::any_of(batch.audit.begin(), batch.audit.end(),
                     [change](const AuditEntry& entry) { return entry.change == change; });
}

}  // namespace

// Every fourth has none.
void QuotaCheck::asked(Command& command, uint64_t serial) const {
  const uint64_t drawn = serial % (kKeys.size() + 1);
  if (drawn == kKeys.size()) return;
  command.actor.key = kKeys[drawn].id;
  if (quotas_) command.max_tasks = kKeys[drawn].max_tasks;
}

void QuotaCheck::durable(const Batch& batch) {
  for (size_t i = 0; i < batch.tasks.size(); ++i) {
    const TaskChange& change = batch.tasks[i];
    if (change.kind == ChangeKind::kCreate && !change.state.created_by.empty()) {
      create(change, is_asked_for(batch, i));
    }
    if (change.kind == ChangeKind::kRemove) remove(change.key);
  }
}

void QuotaCheck::create(const TaskChange& change, bool is_asked) {
  const std::string& maker = change.state.created_by;
  makers_[change.key] = {maker, is_asked};
  ++made_[maker];
  if (!is_asked) return;
  const int64_t tasks = ++asked_[maker];
  if (quotas_ && tasks > int64_t{max_of(maker)}) {
    trace_.fail("QC1 %s has %lld tasks, and may have %u", maker.c_str(),
                static_cast<long long>(tasks), max_of(maker));
  }
}

void QuotaCheck::remove(TaskKey key) {
  const auto gone = makers_.extract(key);
  if (gone.empty()) return;
  const Maker& maker = gone.mapped();
  if (maker.asked) --asked_[maker.key];
  if (--made_[maker.key] == 0) made_.erase(maker.key);
}

void QuotaCheck::begin(TaskQuotas& table, const MadeBy& stored) const {
  if (stored != made_) {
    trace_.fail("QC2 a start finds %zu keys with tasks, or other numbers, and there are %zu",
                stored.size(), made_.size());
  }
  if (!quotas_) return;
  for (const SimKey& key : kKeys) {
    if (!table.open(key.id)) trace_.fail("QC2 %s is counted twice", key.id);
  }
  for (const auto& [key, tasks] : stored) table.count(key, static_cast<uint64_t>(tasks));
}

void QuotaCheck::at_rest(const TaskQuotas& table) const {
  if (!quotas_) return;
  for (const SimKey& key : kKeys) {
    const auto made = made_.find(key.id);
    const int64_t stored = made == made_.end() ? 0 : made->second;
    const int64_t counted = table.taken(key.id).value_or(UINT32_MAX);
    if (counted == stored) continue;
    trace_.fail("QC2 %s has %lld tasks at rest, and %lld are counted", key.id,
                static_cast<long long>(stored), static_cast<long long>(counted));
  }
}

}  // namespace hourwheel
