#include "tests/sim/sim_store.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"

namespace hourwheel {
namespace {

constexpr Duration kFullDiskWait = milliseconds(250);

}  // namespace

void SimStore::commit(std::unique_ptr<Batch> batch) {
  HW_CHECK(!batch_, "G1 at most one batch is with the store");
  batch_ = std::move(batch);
}

std::optional<Message> SimStore::commit_batch(Instant now) {
  put_off_until_.reset();
  Status done = backend_.commit(*batch_);
  if (done) {
    if (std::exchange(stuck_, false)) show(StorageState::kOk, now);
    ledger_.apply(*batch_);
    if (recording_ != nullptr) recording_->push_back({now, Ledger::copy(*batch_)});
    return Committed{std::exchange(batch_, nullptr)};
  }
  if (done.error().code == ErrorCode::kStorageLow) {
    trace_.note("the disk is full");
    put_off_until_ = now + kFullDiskWait;
    if (!std::exchange(stuck_, true)) show(StorageState::kFull, now);
    return CommitPutOff{};
  }
  cut_ = std::exchange(batch_, nullptr);
  broken_ = true;
  return std::nullopt;
}

std::optional<Message> SimStore::scan_range() {
  ScanRequest range = scans_.front();
  scans_.pop_front();
  auto page = backend_.scan(range);
  if (!page) {
    broken_ = true;
    return std::nullopt;
  }
  trace_.note("scan [%lld, %lld) after %llu: %zu tasks%s", static_cast<long long>(range.from.ms),
              static_cast<long long>(range.to.ms),
              static_cast<unsigned long long>(range.after_task.value), page->tasks.size(),
              page->next ? ", more" : "");
  for (const ThinTask& task : page->tasks) {
    trace_.note("  task %llu", static_cast<unsigned long long>(task.number.value));
  }
  return std::move(*page);
}

Message SimStore::fetch_tasks(Instant now) {
  auto asked = std::move(fetches_.front());
  fetches_.pop_front();
  for (const FetchOne& one : asked) {
    trace_.note("fetch %llu", static_cast<unsigned long long>(one.number.value));
  }
  Fetched fetched = backend_.fetch(std::move(asked));
  auto count = [&](const Error& why) {
    if (why.code != ErrorCode::kIo) return;
    read_failed_ = now;
    ++failed_reads_;
  };
  for (const auto& found : fetched.found) {
    if (!found) count(found.error());
  }
  for (const Recalled& recalled : fetched.recalled) {
    if (recalled.failed) count(*recalled.failed);
  }
  return fetched;
}

std::vector<TaskNumber> SimStore::fetching() const {
  std::vector<TaskNumber> numbers;
  auto add = [&numbers](const std::vector<FetchOne>& asked) {
    for (const FetchOne& one : asked) {
      if (one.of_dormant()) numbers.push_back(one.number);
    }
  };
  for (const auto& asked : fetches_) add(asked);
  for (const Answer& answer : answers_) {
    if (const auto* fetched = std::get_if<Fetched>(&answer.message)) add(fetched->asked);
  }
  return numbers;
}

std::optional<Message> SimStore::next_piece(Instant now) {
  if (batch_ && (!put_off_until_ || *put_off_until_ <= now)) return commit_batch(now);
  if (!fetches_.empty()) return fetch_tasks(now);
  if (!scans_.empty()) return scan_range();
  QueryRequest request = std::move(queries_.front());
  queries_.pop_front();
  return Answered{request.token, backend_.query(request.query)};
}

void SimStore::work(Instant now) {
  if (random_.chance(20) && !put_off_until_ && !backend_.background(now)) broken_ = true;
  if (broken_) return;
  auto message = next_piece(now);
  if (!message) return;
  auto mean = static_cast<uint64_t>(healed_ ? 1 : features_.store_latency.ms);
  Duration takes{static_cast<int64_t>(random_.below(2 * mean + 1))};
  if (!healed_ && random_.chance(features_.stall_percent)) {
    ++stalls_;
    takes = takes + milliseconds(static_cast<int64_t>(random_.below(8'000)));
  }
  busy_until_ = now + takes;
  if (std::holds_alternative<CommitPutOff>(*message)) {
    put_off_until_ = busy_until_ + kFullDiskWait;  // reads have their turn
  }
  worked_ = worked_ + takes;
  answers_.push_back({busy_until_, std::move(*message)});
}

std::optional<Instant> SimStore::work_from() const {
  if (!fetches_.empty() || !scans_.empty() || !queries_.empty()) return busy_until_;
  if (!batch_) return std::nullopt;
  return put_off_until_ ? std::max(busy_until_, *put_off_until_) : busy_until_;
}

Message SimStore::deliver() {
  Message message = std::move(answers_.front().message);
  answers_.pop_front();
  return message;
}

void SimStore::show(StorageState state, Instant now) {
  busy_until_ = std::max(busy_until_, now);
  answers_.push_back({busy_until_, state});
}

void SimStore::clock_stepped(Duration step) {
  busy_until_ = busy_until_ + step;
  if (read_failed_) read_failed_ = *read_failed_ + step;
  if (put_off_until_) put_off_until_ = *put_off_until_ + step;
  for (Answer& answer : answers_) answer.ready = answer.ready + step;
}

std::optional<Instant> SimStore::next() const {
  std::optional<Instant> earliest = work_from();
  if (!answers_.empty()) {
    Instant ready = answers_.front().ready;
    earliest = earliest ? std::min(*earliest, ready) : ready;
  }
  return earliest;
}

}  // namespace hourwheel
