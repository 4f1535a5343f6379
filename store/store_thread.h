// The shard's disk arm: a thread that owns the ShardStore and does all its work, so that nothing of
// it can block a reactor. Work goes in through the doors, in any number up to a bound; what comes
// of it is taken out by the reactor after it has been woken.
//
//   reactor --StoreDoor--> [work] --thread--> [messages] --on_results_ready, take()--> reactor
//
// Order: a commit goes before fetches, those before scans, those before queries, one quantum of
// which is done at a time, and everything before fold, retention and checks. Within a kind, first
// come, first served. A message is put out only when its commit is durable (S1).
//
// Invariants
//   H1  Every piece of work ends in exactly one message, or in a failure of the whole store.
//   H2  At most one commit is under way; reads that came before it may be done after it.
//   H3  After a failure nothing more is done: the process has to stop and recover (C-22).
//   H4  A commit that finds no space is no failure: it is tried again until it comes through, first
//       with what an emptied log and the ballast give (C-21). The shard is told of each try that
//       did not (CommitPutOff), and of the state of the volume when that changes.
// Limits: kMaxStoreWork pieces waiting (S6); the engine's own bounds keep below it.
// Thread: the doors and take() from one thread, the reactor's; this file and its .cc are the only
// ones of the store with a lock.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "engine/ports.h"
#include "store/shard_store.h"
#include "store/storage_room.h"

namespace hourwheel {

// What the store's thread calls: must only wake somebody up, and from any thread.
class StoreListener {
 public:
  virtual ~StoreListener() = default;
  // There is something to take(). Called once until the next take().
  virtual void on_results_ready() = 0;
  // The store has failed for good; see failed(). Called once.
  virtual void on_store_failed() = 0;
  // Rows were met that cannot be read (C-23): the first of them, and how many by now. Called when
  // there are more than the last time, at most once a second.
  virtual void on_damage(const Error& /*first*/, uint64_t /*rows*/) {}
};

// The clocks; read on the store's thread.
class StoreClock {
 public:
  virtual ~StoreClock() = default;
  // The wall clock, for ages in the background work.
  [[nodiscard]] virtual Instant now() const = 0;
  // Never goes back: how long a commit took, and how long ago the disk was full.
  [[nodiscard]] virtual int64_t monotonic_us() const = 0;
};

class StoreThread final : public StoreDoor, public MessageSource {
 public:
  // All outlive the thread.
  StoreThread(std::unique_ptr<ShardStore> store, StoreListener& listener, const StoreClock& clock,
              StorageRoom& room);
  // Ends as stop() does if that was not called.
  ~StoreThread() override;
  StoreThread(const StoreThread&) = delete;
  StoreThread& operator=(const StoreThread&) = delete;

  void commit(std::unique_ptr<Batch> batch) override;
  void fetch(std::vector<FetchOne> tasks) override;
  void scan(ScanRequest range) override;
  void query(QueryRequest request) override;

  // MessageSource: take() moves all messages there are to the end of `out`, in the order of the
  // work; gives their number.
  [[nodiscard]] bool ready() const override;
  size_t take(std::vector<Message>& out) override;

  // Finishes what was handed over, closes the file cleanly, ends the thread. Blocks: for the end of
  // the process only. What the file says then.
  Status stop();

  [[nodiscard]] std::optional<Error> failed() const;
  // Any thread.
  [[nodiscard]] const StoreMetrics& metrics() const { return store_->metrics(); }
  // Before the first commit: what the file said when it was opened.
  [[nodiscard]] RecoveredShard recovered() const { return store_->recovered(); }

 private:
  struct Work {  // what waits, by kind
    std::unique_ptr<Batch> commit;
    std::deque<std::vector<FetchOne>> fetches;
    std::deque<ScanRequest> scans;
    std::deque<QueryRequest> queries;
    [[nodiscard]] bool empty() const {
      return !commit && fetches.empty() && scans.empty() && queries.empty();
    }
  };
  struct CurrentQuery {
    RequestToken token;
    RunningQuery running;
  };
  enum class Next : uint8_t { kCommit, kFetch, kScan, kQuery, kBackground, kWait, kStop };

  void run();
  Next take_work();
  void await_work();
  [[nodiscard]] bool commit_can_go() const;
  Status perform(Next next);
  Status perform_commit();
  Status try_commit();
  Status perform_scan();
  void perform_fetch();
  void perform_query();
  Status perform_background();
  void put_off_commit();
  void commit_came_through();
  void look_around();
  void show(StorageState state);
  void put_out(Message message);
  void fail(const Error& error);
  template <class Add>
  void hand_over(Add&& add);

  // --- the store thread's own ---
  std::unique_ptr<ShardStore> store_;
  StoreListener& listener_;
  const StoreClock& clock_;
  StorageRoom& room_;
  Work taken_;  // at most one of commit, fetch and scan at a time
  std::optional<CurrentQuery> query_;
  bool background_waits_ = true;
  // The disk was full: the commit is tried again from then on, by monotonic_us().
  std::optional<int64_t> put_off_until_;
  bool stuck_ = false;                      // a commit waits for space
  StorageState shown_ = StorageState::kOk;  // what the shard was last told
  std::optional<int64_t> looked_;           // at the volume, by monotonic_us()
  uint64_t damage_told_ = 0;                // rows
  Status closed_;

  // --- shared ---
  mutable std::mutex mutex_;
  std::condition_variable work_came_;
  Work waiting_;
  std::vector<Message> results_;
  std::optional<Error> failure_;
  bool stopping_ = false;

  std::thread thread_;  // last: it uses all of the above
};

}  // namespace hourwheel
