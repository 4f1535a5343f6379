#include "net/reactor.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "engine/limits.h"

namespace hourwheel {
namespace {

// Units of work a shard may do in a turn: a message, a due task or an attempt each. At about 15 us
// for the dearest (an attempt handed to the kernel) a turn stays within a few milliseconds.
constexpr uint32_t kTurnBudget = 256;
// Messages taken from other reactors in a turn.
constexpr uint32_t kMailPerTurn = 1'024;
// Answers handed over in a turn, at some 8 us each: one commit can free thousands.
constexpr uint32_t kRepliesPerTurn = 256;

}  // namespace

Reactor::Reactor(uint32_t index, ReactorParts parts)
    : index_(index), parts_(parts), now_(clock_.now()), local_(parts.board.shards()) {
  parts_.loop.add_sleeper(*this);
}

void Reactor::own(OwnedShard shard) {
  HW_CHECK(parts_.board.reactor_of(shard.index) == index_, "S4 a shard belongs to one reactor");
  local_[shard.index] = shard.shard;
  shards_.push_back(shard);
}

void Reactor::serve(Served served) {
  handler_ = &served.handler;
  front_ = &served.front;
  server_ = &served.server;
}

void Reactor::set_partition_map(std::vector<uint32_t> shard_of_partition) {
  HW_CHECK(shard_of_partition.size() == kPartitions, "S4 every partition has a shard");
  shard_of_partition_ = std::move(shard_of_partition);
}

void Reactor::run() {
  while (!stopped_) run_once();
}

void Reactor::run_once() {
  parts_.loop.wait(next_wake());
  begin_turn();
  drain_mailbox();
  reap_attempts();
  turn_shards();
  parts_.io.submit();  // what is due goes before answers do
  confirm_system_table();
  deliver_replies();
  front_->end_turn();
  server_->expire(now_.mono);
  parts_.io.submit();
  parts_.board.ring_rung(index_);
  report_drained();
  const int64_t cpu_us = clock_.thread_cpu_us();
  turn_cpu_us_.record(static_cast<uint64_t>(cpu_us - cpu_us_));
  cpu_us_ = cpu_us;
}

void Reactor::begin_turn() {
  const Monotonic before = now_.mono;
  now_ = clock_.now();
  front_->set_now(now_);
  front_->set_load({oldest_wait(), now_.mono - before});
  parts_.dispatcher.set_now(now_);
}

Duration Reactor::oldest_wait() const {
  Duration oldest{};
  for (const OwnedShard& owned : shards_) oldest = std::max(oldest, owned.shard->oldest_wait());
  return oldest;
}

void Reactor::drain_mailbox() {
  while (auto order = parts_.board.next_order(index_)) obey(*order);
  while (auto tls = parts_.board.next_tls(index_)) server_->set_tls(std::move(*tls));
  while (auto table = parts_.board.next_system_table(index_)) {
    take_system_table(std::move(*table));
  }
  while (auto reply = parts_.board.next_system_answer(index_)) {
    replies_.push_back(std::move(*reply));
  }
  for (uint32_t i = 0; i < kMailPerTurn; ++i) {
    auto mail = parts_.board.next_mail(index_);
    if (!mail) break;
    Shard* shard = local_[mail->shard];
    HW_CHECK(shard != nullptr, "S4 requests go to the shard's own reactor");
    std::visit([shard](auto& request) { shard->post(std::move(request)); }, mail->request);
  }
  while (auto reply = parts_.board.next_reply(index_)) replies_.push_back(std::move(*reply));
  for (OwnedShard& owned : shards_) {
    messages_.clear();
    owned.store->take(messages_);
    for (Message& message : messages_) owned.shard->post(std::move(message));
  }
}

void Reactor::reap_attempts() {
  parts_.dispatcher.reap();
  parts_.dispatcher.expire();
  ended_.clear();
  parts_.dispatcher.take_ended(ended_);
  for (AttemptEnded& ended : ended_) {
    Shard* shard = local_[ended.token.shard];
    HW_CHECK(shard != nullptr, "S4 attempts end where they started");
    shard->post(std::move(ended));
  }
}

void Reactor::turn_shards() {
  more_ = false;
  for (OwnedShard& owned : shards_) {
    if (owned.shard->turn(now_, kTurnBudget)) more_ = true;
  }
}

void Reactor::deliver_replies() {
  // Answering may post again (the next page of a stream), which may be refused on the spot.
  for (uint32_t i = 0; i < kRepliesPerTurn && !replies_.empty(); ++i) {
    Reply reply = std::move(replies_.front());
    replies_.pop_front();
    front_->on_reply(std::move(reply));
  }
}

WakeAt Reactor::next_wake() const {
  WakeAt wake;
  for (const OwnedShard& owned : shards_) {
    if (auto at = owned.shard->next_wake()) wake.utc = wake.utc ? std::min(*wake.utc, *at) : *at;
  }
  for (auto deadline :
       {server_->next_deadline(), parts_.dispatcher.next_deadline(), front_->next_deadline()}) {
    if (deadline) wake.mono = wake.mono ? std::min(*wake.mono, *deadline) : *deadline;
  }
  return wake;
}

// --- doors ---

uint32_t Reactor::shard_of(TaskKey key) const {
  return shard_of_partition_[partition_of(key)];
}

bool Reactor::is_local(uint32_t shard) const {
  return local_[shard] != nullptr;
}

bool Reactor::post(uint32_t shard, Commands commands) {
  if (!is_local(shard)) return parts_.board.post(index_, {shard, std::move(commands)});
  local_[shard]->post(std::move(commands));
  more_ = true;
  return true;
}

bool Reactor::post(uint32_t shard, QueryRequest request) {
  if (!is_local(shard)) return parts_.board.post(index_, {shard, std::move(request)});
  local_[shard]->post(std::move(request));
  more_ = true;
  return true;
}

bool Reactor::post(SystemRequest request) {
  return parts_.board.ask_system(index_, std::move(request));
}

void Reactor::reply(Reply reply) {
  if (reply.token.reactor == index_) {
    replies_.push_back(std::move(reply));
  } else {
    parts_.board.reply(index_, std::move(reply));
  }
}

void Reactor::on_request(HttpToken token, const HttpRequest& request) {
  handler_->on_request(token, request);
}
void Reactor::on_writable(HttpToken token) {
  handler_->on_writable(token);
}
void Reactor::on_closed(HttpToken token) {
  handler_->on_closed(token);
}
HttpResponse Reactor::refusal(const Error& why, std::string_view path) {
  return handler_->refusal(why, path);
}

// --- what holds for all (S7) ---

void Reactor::begin_with(const SystemTable& table) {
  take_system_table(table);
  unconfirmed_ = false;  // nobody asked
}

void Reactor::take_system_table(SystemTable table) {
  for (OwnedShard& owned : shards_) owned.shard->post(PauseTable(table.pauses));
  pauses_.replace(std::move(table.pauses));
  keys_ = std::move(table.keys);
  if (table.secrets) {
    parts_.dispatcher.set_secrets(SecretTable::open(*table.secrets, parts_.sealer));
    secrets_ = std::move(*table.secrets);
  }
  unconfirmed_ = true;
}

void Reactor::confirm_system_table() {
  if (!unconfirmed_) return;
  const bool applied = std::all_of(shards_.begin(), shards_.end(), [this](const OwnedShard& owned) {
    return owned.shard->pauses_version() == pauses_.version();
  });
  if (!applied) return;  // the turn's budget was used up; there is another at once
  unconfirmed_ = false;
  parts_.board.confirm_system_table(index_, pauses_.version());
}

// --- stopping (C-26) ---

void Reactor::obey(ControlOrder order) {
  switch (order) {
    case ControlOrder::kDrain:
      draining_ = true;
      listener_.reset();
      server_->drain();
      for (OwnedShard& owned : shards_) owned.shard->drain();
      break;
    case ControlOrder::kCut:
      parts_.dispatcher.stop();
      break;
    case ControlOrder::kStop:
      stopped_ = true;
      break;
  }
}

bool Reactor::has_drained() const {
  return draining_ && !reported_ && server_->requests_in_flight() == 0 &&
         std::all_of(shards_.begin(), shards_.end(),
                     [](const OwnedShard& owned) { return owned.shard->drained(); });
}

void Reactor::report_drained() {
  if (!has_drained()) return;
  reported_ = true;
  parts_.board.report_drained(index_);
}

// --- Sleeper ---

// The wait may have ended the last request, too.
bool Reactor::has_work() const {
  return more_ || !replies_.empty() || has_drained() || parts_.dispatcher.has_work() ||
         parts_.board.has_mail(index_) ||
         std::any_of(shards_.begin(), shards_.end(),
                     [](const OwnedShard& owned) { return owned.store->ready(); });
}

bool Reactor::arm_wakeup() {
  // The wait itself may have taken a request or asked for a stream's next page, after this turn's
  // bells were rung; who sleeps on that would sleep for long.
  parts_.board.ring_rung(index_);
  parts_.board.bell(index_).prepare_sleep();
  bool completions = parts_.io.arm_wakeup();
  return completions || has_work();
}

void Reactor::disarm_wakeup() {
  parts_.io.disarm_wakeup();
  parts_.board.bell(index_).end_sleep();
  // Requests that come in right after a long sleep must not see the time before it.
  now_ = clock_.now();
  front_->set_now(now_);
}

}  // namespace hourwheel
