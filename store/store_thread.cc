#include "store/store_thread.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "engine/base/check.h"

namespace hourwheel {
namespace {

// How long an idle thread waits before it looks after its ages again, and a commit that found the
// disk full before it is tried again.
constexpr std::chrono::milliseconds kIdleWait{1'000};
constexpr std::chrono::milliseconds kFullDiskWait{250};
constexpr int64_t kFullDiskWaitUs = std::chrono::microseconds(kFullDiskWait).count();
// How often the free space is looked at.
constexpr int64_t kLookUs = 1'000'000;

bool is_full(const Status& done) {
  return !done && done.error().code == ErrorCode::kStorageLow;
}

template <class T>
T pop(std::deque<T>& queue) {
  T first = std::move(queue.front());
  queue.pop_front();
  return first;
}

}  // namespace

StoreThread::StoreThread(std::unique_ptr<ShardStore> store, StoreListener& listener,
                         const StoreClock& clock, StorageRoom& room)
    : store_(std::move(store)), listener_(listener), clock_(clock), room_(room) {
  thread_ = std::thread([this] { run(); });
}

StoreThread::~StoreThread() {
  static_cast<void>(stop());  // whoever wants to know how it ended has called it before
}

// --- the reactor's side ---

template <class Add>
void StoreThread::hand_over(Add&& add) {
  {
    std::lock_guard lock(mutex_);
    HW_CHECK(!stopping_, "H1 no work after stop()");
    add(waiting_);
    size_t pieces = waiting_.fetches.size() + waiting_.scans.size() + waiting_.queries.size();
    HW_CHECK(pieces <= kMaxStoreWork, "S6 the store's queue is bounded");
  }
  work_came_.notify_one();
}

void StoreThread::commit(std::unique_ptr<Batch> batch) {
  hand_over([&batch](Work& work) {
    HW_CHECK(!work.commit, "H2 one commit at a time");
    work.commit = std::move(batch);
  });
}
void StoreThread::fetch(std::vector<FetchOne> tasks) {
  hand_over([&tasks](Work& work) { work.fetches.push_back(std::move(tasks)); });
}
void StoreThread::scan(ScanRequest range) {
  hand_over([&range](Work& work) { work.scans.push_back(range); });
}
void StoreThread::query(QueryRequest request) {
  hand_over([&request](Work& work) { work.queries.push_back(std::move(request)); });
}

bool StoreThread::ready() const {
  std::lock_guard lock(mutex_);
  return !results_.empty();
}

size_t StoreThread::take(std::vector<Message>& out) {
  std::lock_guard lock(mutex_);
  size_t count = results_.size();
  std::move(results_.begin(), results_.end(), std::back_inserter(out));
  results_.clear();
  return count;
}

Status StoreThread::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  work_came_.notify_one();
  if (thread_.joinable()) thread_.join();
  return closed_;
}

std::optional<Error> StoreThread::failed() const {
  std::lock_guard lock(mutex_);
  return failure_;
}

// --- the thread ---

void StoreThread::run() {
  for (;;) {
    look_around();
    Next next = take_work();
    if (next == Next::kStop) break;
    if (next == Next::kWait) {
      await_work();
      continue;
    }
    if (Status done = perform(next); !done) {
      closed_ = done;
      return fail(done.error());
    }
  }
  closed_ = store_->close_clean();
  if (!closed_) fail(closed_.error());
}

// Chooses what to do next and takes it out of the queue, in the order of the header.
StoreThread::Next StoreThread::take_work() {
  std::lock_guard lock(mutex_);
  if (commit_can_go()) {
    put_off_until_.reset();
    taken_.commit = std::move(waiting_.commit);
    return Next::kCommit;
  }
  if (!waiting_.fetches.empty()) {
    taken_.fetches.push_back(pop(waiting_.fetches));
    return Next::kFetch;
  }
  if (!waiting_.scans.empty()) {
    taken_.scans.push_back(pop(waiting_.scans));
    return Next::kScan;
  }
  if (!query_ && !waiting_.queries.empty()) {
    QueryRequest request = pop(waiting_.queries);
    query_.emplace();
    query_->token = request.token;
    query_->running.query = std::move(request.query);
  }
  if (query_) return Next::kQuery;
  if (stopping_) return Next::kStop;
  return background_waits_ && !put_off_until_ ? Next::kBackground : Next::kWait;
}

bool StoreThread::commit_can_go() const {
  if (!waiting_.commit) return false;
  return !put_off_until_ || stopping_ || clock_.monotonic_us() >= *put_off_until_;
}

void StoreThread::await_work() {
  std::unique_lock lock(mutex_);
  auto wait = put_off_until_ ? kFullDiskWait : kIdleWait;
  bool came = work_came_.wait_for(lock, wait, [this] {
    bool reads = !waiting_.fetches.empty() || !waiting_.scans.empty() || !waiting_.queries.empty();
    return stopping_ || reads || commit_can_go();
  });
  // Time has passed: what waits in the overlay may have come of age.
  if (!came) background_waits_ = true;
}

Status StoreThread::perform(Next next) {
  switch (next) {
    case Next::kCommit:
      return perform_commit();
    case Next::kFetch:
      perform_fetch();
      return {};
    case Next::kScan:
      return perform_scan();
    case Next::kQuery:
      perform_query();
      return {};
    case Next::kBackground:
      return perform_background();
    case Next::kWait:
    case Next::kStop:
      break;
  }
  return {};
}

Status StoreThread::perform_commit() {
  int64_t began = clock_.monotonic_us();
  Status done = try_commit();
  if (done) {
    commit_came_through();
    store_->metrics().commit_us.record(static_cast<uint64_t>(clock_.monotonic_us() - began));
    put_out(Committed{std::move(taken_.commit)});
    background_waits_ = true;
    // Between batches: the next one finds a short log.
    if (store_->checkpoint_due()) done = store_->checkpoint();
    if (is_full(done)) return {};
    return done;
  }
  if (!is_full(done)) return done;
  put_off_commit();
  return {};
}

// H4: a log whose pages are all in the file is begun anew, in the space that it has.
Status StoreThread::try_commit() {
  Status done = store_->commit(*taken_.commit);
  if (!is_full(done)) return done;
  Status emptied = store_->checkpoint();
  if (!emptied && !is_full(emptied)) return emptied;
  if (emptied) done = store_->commit(*taken_.commit);
  if (is_full(done) && room_.make_room()) done = store_->commit(*taken_.commit);
  return done;
}

// The disk is full: nothing of the batch is stored, nothing is lost. It is tried again until there
// is space, while reads go on (C-21).
void StoreThread::put_off_commit() {
  if (!std::exchange(stuck_, true)) room_.commit_stuck();
  show(room_.look());
  put_out(CommitPutOff{});
  std::lock_guard lock(mutex_);
  HW_CHECK(!waiting_.commit, "H2 one commit at a time");
  waiting_.commit = std::move(taken_.commit);
  put_off_until_ = clock_.monotonic_us() + kFullDiskWaitUs;
  // A stop cannot wait for space: the batch was never acknowledged and goes.
  if (stopping_) waiting_.commit.reset();
}

void StoreThread::commit_came_through() {
  if (!std::exchange(stuck_, false)) return;
  room_.commit_went();
  show(room_.look());
}

void StoreThread::look_around() {
  const int64_t now = clock_.monotonic_us();
  if (looked_ && now - *looked_ < kLookUs) return;
  looked_ = now;
  show(room_.look());
  const uint64_t damaged = store_->metrics().damaged_rows.value();
  if (damaged > damage_told_ && store_->damage()) listener_.on_damage(*store_->damage(), damaged);
  damage_told_ = damaged;
}

void StoreThread::show(StorageState state) {
  if (std::exchange(shown_, state) != state) put_out(state);
}

void StoreThread::perform_fetch() {
  put_out(store_->fetch(pop(taken_.fetches)));
}

Status StoreThread::perform_scan() {
  auto scanned = store_->scan(pop(taken_.scans));
  if (!scanned) return failure(std::move(scanned.error()));
  put_out(std::move(*scanned));
  return {};
}

void StoreThread::perform_query() {
  auto answer = store_->query(query_->running);
  if (!answer) return;  // another quantum, after whatever came meanwhile
  put_out(Answered{query_->token, std::move(*answer)});
  query_.reset();
}

Status StoreThread::perform_background() {
  auto more = store_->background(clock_.now());
  if (!more) return failure(std::move(more.error()));
  background_waits_ = *more;
  if (!store_->checkpoint_due()) return {};
  Status done = store_->checkpoint();
  if (is_full(done)) {
    background_waits_ = false;
    return {};
  }
  return done;
}

void StoreThread::put_out(Message message) {
  bool first = false;
  {
    std::lock_guard lock(mutex_);
    first = results_.empty();
    results_.push_back(std::move(message));
  }
  if (first) listener_.on_results_ready();
}

void StoreThread::fail(const Error& error) {
  {
    std::lock_guard lock(mutex_);
    failure_ = error;
  }
  listener_.on_store_failed();
}

}  // namespace hourwheel
