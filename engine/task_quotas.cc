#include "engine/task_quotas.h"

#include <algorithm>

#include "engine/base/check.h"
#include "engine/base/siphash.h"

namespace hourwheel {
namespace {

constexpr uint64_t kGeneration = uint64_t{1} << 32;

uint32_t tasks_in(uint64_t count) {
  return static_cast<uint32_t>(count % kGeneration);
}

// Of ids that the server draws. Two of 1,000 keys meet once in 2^44 servers; then the later one is
// not made.
uint64_t owner_of(std::string_view key) {
  return std::max<uint64_t>(siphash128(key).first, 1);
}

}  // namespace

std::optional<size_t> TaskQuotas::slot_of(uint64_t owner) const {
  const size_t used = slots_used_.load();
  for (size_t i = 0; i < used; ++i) {
    if (slots_[i].owner.load() == owner) return i;
  }
  return std::nullopt;
}

bool TaskQuotas::open(std::string_view key) {
  const uint64_t owner = owner_of(key);
  if (slot_of(owner)) return false;
  size_t free = 0;
  while (free < slots_.size() && slots_[free].owner.load() != 0) ++free;
  HW_CHECK(free < slots_.size(), "KB2 there are as many slots as keys");
  slots_[free].owner.store(owner);
  slots_used_.store(std::max(slots_used_.load(), free + 1));
  return true;
}

void TaskQuotas::close(std::string_view key) {
  const auto slot = slot_of(owner_of(key));
  if (!slot) return;
  // In this order: whoever reads the new generation does not find the former owner.
  slots_[*slot].owner.store(0);
  std::atomic<uint64_t>& count = slots_[*slot].count;
  uint64_t seen = count.load();
  while (!count.compare_exchange_weak(seen, (seen / kGeneration + 1) * kGeneration)) {
  }
}

void TaskQuotas::count(std::string_view key, uint64_t tasks) {
  if (const auto slot = slot_of(owner_of(key))) slots_[*slot].count.fetch_add(tasks);
}

bool TaskQuotas::take(std::string_view key, uint32_t max) {
  return take_below(key, max);
}

bool TaskQuotas::take_below(std::string_view key, uint32_t most) {
  const uint64_t owner = owner_of(key);
  const auto slot = slot_of(owner);
  if (!slot) return false;
  std::atomic<uint64_t>& count = slots_[*slot].count;
  uint64_t seen = count.load();
  // The owner is looked at after the count: what it still owns then, it owned when that was read.
  while (slots_[*slot].owner.load() == owner && tasks_in(seen) < most) {
    if (count.compare_exchange_weak(seen, seen + 1)) return true;
  }
  return false;
}

void TaskQuotas::give_back(std::string_view key) {
  const uint64_t owner = owner_of(key);
  const auto slot = slot_of(owner);
  if (!slot) return;
  std::atomic<uint64_t>& count = slots_[*slot].count;
  uint64_t seen = count.load();
  // Zero: a figure that was stored is damaged, which must not become four thousand millions.
  while (slots_[*slot].owner.load() == owner && tasks_in(seen) > 0) {
    if (count.compare_exchange_weak(seen, seen - 1)) return;
  }
}

std::optional<uint32_t> TaskQuotas::taken(std::string_view key) const {
  const auto slot = slot_of(owner_of(key));
  if (!slot) return std::nullopt;
  return tasks_in(slots_[*slot].count.load());
}

}  // namespace hourwheel
