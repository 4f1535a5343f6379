#include "tests/sim/sim_store.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"

namespace hourwheel {

void SimStore::commit(std::unique_ptr<Batch> batch) {
  HW_CHECK(!batch_, "G1 at most one batch is with the store");
  batch_ = std::move(batch);
}

Message SimStore::next_piece() {
  if (batch_) {
    auto batch = std::exchange(batch_, nullptr);
    if (!backend_.commit(*batch)) {
      broken_ = std::move(batch);
      return Committed{};
    }
    ledger_.apply(*batch);
    return Committed{std::move(batch)};
  }
  if (!fetches_.empty()) {
    auto asked = std::move(fetches_.front());
    fetches_.pop_front();
    for (const FetchOne& one : asked) {
      trace_.note("fetch %llu", static_cast<unsigned long long>(one.number.value));
    }
    return backend_.fetch(std::move(asked));
  }
  if (!scans_.empty()) {
    ScanRequest range = scans_.front();
    scans_.pop_front();
    Scanned page = backend_.scan(range);
    trace_.note("scan [%lld, %lld) after %llu: %zu tasks%s", static_cast<long long>(range.from.ms),
                static_cast<long long>(range.to.ms),
                static_cast<unsigned long long>(range.after_task.value), page.tasks.size(),
                page.next ? ", more" : "");
    for (const ThinTask& task : page.tasks) {
      trace_.note("  task %llu", static_cast<unsigned long long>(task.number.value));
    }
    return page;
  }
  QueryRequest request = std::move(queries_.front());
  queries_.pop_front();
  return Answered{request.token, backend_.query(request.query)};
}

void SimStore::work(Instant now) {
  if (random_.chance(20)) backend_.background(now);
  Message message = next_piece();
  if (broken_) return;
  auto mean = static_cast<uint64_t>(healed_ ? 1 : features_.store_latency.ms);
  Duration takes{static_cast<int64_t>(random_.below(2 * mean + 1))};
  if (!healed_ && random_.chance(features_.stall_percent)) {
    takes = takes + milliseconds(static_cast<int64_t>(random_.below(8'000)));
  }
  busy_until_ = now + takes;
  answers_.push_back({busy_until_, std::move(message)});
}

Message SimStore::deliver() {
  Message message = std::move(answers_.front().message);
  answers_.pop_front();
  return message;
}

void SimStore::clock_stepped(Duration step) {
  busy_until_ = busy_until_ + step;
  for (Answer& answer : answers_) answer.ready = answer.ready + step;
}

std::optional<Instant> SimStore::next() const {
  std::optional<Instant> earliest;
  if (has_work()) earliest = busy_until_;
  if (!answers_.empty()) {
    Instant ready = answers_.front().ready;
    earliest = earliest ? std::min(*earliest, ready) : ready;
  }
  return earliest;
}

}  // namespace hourwheel
