#include "net/switchboard.h"

#include "engine/base/check.h"
#include "engine/limits.h"

namespace hourwheel {

Switchboard::Line::Line()
    : requests(kMailboxCapacity), replies(kMailboxCapacity), credits(kMailboxCapacity) {}

Switchboard::Orders::Orders()
    : orders(kOrdersCapacity),
      reports(kOrdersCapacity),
      tls(kOrdersCapacity),
      system_requests(kMaxSystemRequests),
      system_answers(kMaxSystemRequests),
      system_tables(kOrdersCapacity),
      confirmations(kOrdersCapacity),
      system_credits(kMaxSystemRequests) {}

Switchboard::Switchboard(uint32_t reactors, std::vector<uint32_t> reactor_of)
    : reactors_(reactors),
      reactor_of_(std::move(reactor_of)),
      rung_(reactors, std::vector<bool>(reactors)) {
  for (uint32_t from = 0; from < reactors; ++from) {
    for (uint32_t to = 0; to < reactors; ++to) {
      lines_.push_back(from == to ? nullptr : std::make_unique<Line>());
    }
    orders_.push_back(std::make_unique<Orders>());
  }
}

Result<std::unique_ptr<Switchboard>> Switchboard::create(uint32_t reactors,
                                                         std::vector<uint32_t> reactor_of) {
  std::unique_ptr<Switchboard> board(new Switchboard(reactors, std::move(reactor_of)));
  for (uint32_t i = 0; i <= reactors; ++i) {
    auto bell = Doorbell::create();
    if (!bell) return failure(std::move(bell.error()));
    if (i < reactors) {
      board->bells_.push_back(std::move(*bell));
    } else {
      board->control_bell_ = std::move(*bell);
    }
  }
  return board;
}

namespace {

bool is_urgent(const ShardMail& mail) {
  const auto* commands = std::get_if<Commands>(&mail.request);
  return commands != nullptr && commands->urgent();
}

}  // namespace

bool Switchboard::post(uint32_t self, ShardMail mail) {
  uint32_t to = reactor_of_[mail.shard];
  Line& out = line(self, to);
  if (!out.credits.take(is_urgent(mail) ? 0 : kUrgentMailReserve)) return false;
  bool pushed = out.requests.push(std::move(mail));
  HW_CHECK(pushed, "M3 a credit stands for a place in both rings");
  rung_[self][to] = true;
  return true;
}

void Switchboard::reply(uint32_t self, Reply reply) {
  uint32_t to = reply.token.reactor;
  HW_CHECK(to < reactors_ && to != self, "a reply names the reactor that asked");
  bool pushed = line(to, self).replies.push(std::move(reply));
  HW_CHECK(pushed, "M3 a reply never meets a full ring");
  rung_[self][to] = true;
}

void Switchboard::ring_rung(uint32_t self) {
  for (uint32_t other = 0; other < reactors_; ++other) {
    if (!rung_[self][other]) continue;
    rung_[self][other] = false;
    bells_[other]->ring();
  }
}

std::optional<ShardMail> Switchboard::next_mail(uint32_t self) {
  for (uint32_t from = 0; from < reactors_; ++from) {
    if (from == self) continue;
    if (auto mail = line(from, self).requests.pop()) return mail;
  }
  return std::nullopt;
}

std::optional<Reply> Switchboard::next_reply(uint32_t self) {
  for (uint32_t to = 0; to < reactors_; ++to) {
    if (to == self) continue;
    Line& asked = line(self, to);
    if (auto reply = asked.replies.pop()) {
      asked.credits.give();
      return reply;
    }
  }
  return std::nullopt;
}

bool Switchboard::has_mail(uint32_t self) const {
  const Orders& control = *orders_[self];
  if (!control.orders.empty() || !control.system_tables.empty() ||
      !control.system_answers.empty() || !control.tls.empty()) {
    return true;
  }
  for (uint32_t other = 0; other < reactors_; ++other) {
    if (other == self) continue;
    if (!line(other, self).requests.empty() || !line(self, other).replies.empty()) return true;
  }
  return false;
}

void Switchboard::order(uint32_t reactor, ControlOrder order) {
  bool pushed = orders_[reactor]->orders.push(ControlOrder(order));
  HW_CHECK(pushed, "S6 there are fewer orders than places");
  bells_[reactor]->ring();
}

std::optional<ControlOrder> Switchboard::next_order(uint32_t self) {
  return orders_[self]->orders.pop();
}

bool Switchboard::tell_tls(uint32_t reactor, TlsContext context) {
  const bool pushed = orders_[reactor]->tls.push(std::move(context));
  bells_[reactor]->ring();
  return pushed;
}

std::optional<TlsContext> Switchboard::next_tls(uint32_t self) {
  return orders_[self]->tls.pop();
}

void Switchboard::report_drained(uint32_t self) {
  bool pushed = orders_[self]->reports.push(ControlOrder::kDrain);
  HW_CHECK(pushed, "S6 a reactor reports once");
  control_bell_->ring();
}

// --- what holds for all ---

bool Switchboard::ask_system(uint32_t self, SystemRequest request) {
  // Notes of use, reads, new secrets and backups must not be in the way of pauses and revocations.
  const auto* of_key = std::get_if<KeyRequest>(&request);
  const bool note = of_key != nullptr && of_key->action == KeyAction::kNoteUse;
  const bool reads = std::holds_alternative<AuditRequest>(request);
  const auto* of_secret = std::get_if<SecretRequest>(&request);
  const bool puts = of_secret != nullptr && of_secret->action == SecretAction::kPut;
  const bool waits = reads || puts || std::holds_alternative<BackupRequest>(request);
  const size_t left_free = note ? kMaxSystemRequests - 1 : waits ? kMaxSystemRequests / 2 : 0;
  if (!orders_[self]->system_credits.take(left_free)) return false;
  bool pushed = orders_[self]->system_requests.push(std::move(request));
  HW_CHECK(pushed, "M3 a credit stands for a place in both rings");
  control_bell_->ring();
  return true;
}

std::optional<SystemTable> Switchboard::next_system_table(uint32_t self) {
  return orders_[self]->system_tables.pop();
}

void Switchboard::confirm_system_table(uint32_t self, uint64_t version) {
  bool pushed = orders_[self]->confirmations.push(uint64_t{version});
  HW_CHECK(pushed, "Q3 one table is under way at a time");
  control_bell_->ring();
}

std::optional<Reply> Switchboard::next_system_answer(uint32_t self) {
  auto answer = orders_[self]->system_answers.pop();
  if (answer) orders_[self]->system_credits.give();
  return answer;
}

std::optional<SystemRequest> Switchboard::take_system_request() {
  for (auto& orders : orders_) {
    if (auto request = orders->system_requests.pop()) return request;
  }
  return std::nullopt;
}

std::optional<uint64_t> Switchboard::take_confirmation(uint32_t reactor) {
  return orders_[reactor]->confirmations.pop();
}

void Switchboard::tell_system_table(uint32_t reactor, SystemTable table) {
  bool pushed = orders_[reactor]->system_tables.push(std::move(table));
  HW_CHECK(pushed, "Q3 one table is under way at a time");
  bells_[reactor]->ring();
}

void Switchboard::answer_system(Reply reply) {
  const uint32_t to = reply.token.reactor;
  bool pushed = orders_[to]->system_answers.push(std::move(reply));
  HW_CHECK(pushed, "M3 a reply never meets a full ring");
  bells_[to]->ring();
}

uint32_t Switchboard::take_reports() {
  uint32_t count = 0;
  for (auto& orders : orders_) {
    while (orders->reports.pop()) ++count;
  }
  return count;
}

}  // namespace hourwheel
