// What a store thread under test talks to: clocks, somebody who waits, the room on the disk.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "store/store_thread.h"
#include "tests/store/builders.h"

namespace hourwheel::store_test {

class FixedClock : public StoreClock {
 public:
  [[nodiscard]] Instant now() const override { return kFirstDue; }
  [[nodiscard]] int64_t monotonic_us() const override { return 0; }
};

// Waits for results as a reactor would, woken by the store.
class Waiter : public StoreListener {
 public:
  void on_results_ready() override { wake(); }
  void on_store_failed() override { wake(); }
  void await() {
    std::unique_lock lock(mutex_);
    woken_.wait(lock, [this] { return wakes_ > 0; });
    wakes_--;
  }

 private:
  void wake() {
    std::lock_guard lock(mutex_);
    wakes_++;
    woken_.notify_one();
  }
  std::mutex mutex_;
  std::condition_variable woken_;
  int wakes_ = 0;
};

// The room on a disk that the test fills and empties.
class FakeRoom : public StorageRoom {
 public:
  StorageState look() override { return stuck > 0 ? StorageState::kFull : StorageState::kOk; }
  bool make_room() override {
    if (ballast == 0) return false;
    --ballast;
    if (on_made) on_made();
    return true;
  }
  void commit_stuck() override { ++stuck; }
  void commit_went() override { --stuck; }

  std::atomic<int> stuck = 0;
  std::atomic<int> ballast = 0;
  std::function<void()> on_made;  // on the store's thread
};

inline std::unique_ptr<Batch> batch_of(uint64_t sequence, uint64_t first, uint64_t last) {
  auto batch = std::make_unique<Batch>();
  batch->sequence = sequence;
  batch->counter = last;
  for (uint64_t number = first; number <= last; number++) {
    batch->tasks.push_back(made(number, kFirstDue));
  }
  return batch;
}

inline std::vector<Message> await(StoreThread& thread, Waiter& waiter, size_t count) {
  std::vector<Message> messages;
  while (messages.size() < count) {
    waiter.await();
    thread.take(messages);
    auto failed = thread.failed();
    EXPECT_FALSE(failed) << failed->detail;
    if (failed) break;
  }
  return messages;
}

}  // namespace hourwheel::store_test
