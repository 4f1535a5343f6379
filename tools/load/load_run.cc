#include "tools/load/load_run.h"

#include <event2/event.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "engine/base/check.h"
#include "tools/wire/clock.h"

namespace hourwheel {
namespace {

constexpr int64_t kGiveUpAfterUs = 30'000'000;
// Broken connections are made anew this often, and the end of the time is noticed this late.
constexpr timeval kTick{0, 20'000};
constexpr timeval kPacedTick{0, 500};

Instant wall_now() {
  return {wall_us() / 1000};
}

}  // namespace

LoadRun::LoadRun(const LoadOptions& options)
    : options_(options), maker_(options), clients_(options.connections) {}

LoadRun::~LoadRun() {
  clients_.clear();
  if (log_ >= 0) {
    ::close(log_);
  }
}

Status LoadRun::open_log() {
  if (options_.ack_log.empty()) {
    return {};
  }
  log_ = open(options_.ack_log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (log_ < 0) {
    return failure(ErrorCode::kIo, "ack-log",
                   "cannot open " + options_.ack_log + ": " + std::strerror(errno));
  }
  return {};
}

Status LoadRun::read_ids() {
  if (options_.ids_file.empty()) {
    return {};
  }
  std::ifstream file(options_.ids_file);
  bool any = false;
  for (std::string id; std::getline(file, id);) {
    if (id.empty()) continue;
    maker_.remember(id);
    any = true;
  }
  if (!any) {
    return failure(ErrorCode::kIo, "ids", options_.ids_file + " has no ids of tasks");
  }
  return {};
}

Status LoadRun::run() {
  auto address = parse_address(options_.server);
  if (!address) {
    return failure(address.error());
  }
  address_ = *address;
  if (Status opened = open_log(); !opened) {
    return opened;
  }
  if (Status read = read_ids(); !read) {
    return read;
  }
  started_us_ = monotonic_us();
  last_answer_us_ = started_us_;
  event* tick = event_new(
      loop_.base(), -1, EV_PERSIST,
      [](evutil_socket_t, short, void* self) { static_cast<LoadRun*>(self)->on_tick(); }, this);
  HW_CHECK(tick != nullptr, "no memory for the tick of the load generator");
  event_add(tick, options_.rate > 0 ? &kPacedTick : &kTick);
  for (Client& client : clients_) {
    connect(client);
  }
  loop_.run_until_signal();
  event_free(tick);
  report_.ended(monotonic_us() - started_us_);
  return {};
}

void LoadRun::connect(Client& client) {
  client.connection = std::make_unique<WireConnection>(loop_.base(), address_.get(),
                                                       static_cast<size_t>(address_.size()), *this);
  by_connection_.emplace(client.connection.get(), &client);
}

void LoadRun::on_connected(WireConnection& connection) {
  Client& client = *by_connection_.at(&connection);
  client.connected = true;
  send_next(client);
}

void LoadRun::on_closed(WireConnection& connection, int) {
  Client& client = *by_connection_.at(&connection);
  if (!client.connected) {
    report_.connect_failed();
  } else if (client.waiting) {
    --out_;
    report_.lost();
  }
  client.waiting = false;
  client.connected = false;
  std::erase(idle_, &client);
  by_connection_.erase(&connection);
  client.connection.reset();
  send_in_turn();
  stop_when_done();
}

bool LoadRun::may_send() const {
  if (options_.count > 0) {
    return sent_ < options_.count;
  }
  return monotonic_us() - started_us_ < options_.length.ms * 1000;
}

void LoadRun::send_next(Client& client) {
  if (!may_send()) {
    stop_when_done();
    return;
  }
  if (options_.at_once > 0) {
    idle_.push_back(&client);
    return send_in_turn();
  }
  if (options_.rate == 0) return send(client, monotonic_us());
  const bool all_waited = idle_.empty();
  if (all_waited && next_slot_us() <= monotonic_us()) return send(client, next_slot_us());
  idle_.push_back(&client);
}

int64_t LoadRun::next_slot_us() const {
  return started_us_ + static_cast<int64_t>(sent_ * 1'000'000 / options_.rate);
}

void LoadRun::send_paced() {
  while (!idle_.empty() && may_send() && next_slot_us() <= monotonic_us()) {
    Client& client = *idle_.back();
    idle_.pop_back();
    send(client, monotonic_us());  // that the tick is late is nobody's fault but ours
  }
}

void LoadRun::send_in_turn() {
  while (!idle_.empty() && out_ < options_.at_once && may_send()) {
    Client& client = *idle_.front();
    idle_.pop_front();
    send(client, monotonic_us());
  }
}

void LoadRun::send(Client& client, int64_t counted_from_us) {
  client.request = maker_.next(wall_now());
  client.sent_at_us = counted_from_us;
  client.waiting = true;
  ++sent_;
  ++out_;
  client.connection->send(client.request.bytes);
}

size_t LoadRun::on_bytes(WireConnection& connection, std::string_view bytes) {
  Client& client = *by_connection_.at(&connection);
  WireMessage message;
  WireReading reading = read_wire_response(bytes, message);
  if (reading == WireReading::kIncomplete) {
    return 0;
  }
  if (reading == WireReading::kBroken || !client.waiting) {
    connection.reset();
    return 0;
  }
  take_answer(client, message);
  if (message.keep_alive) {
    send_next(client);
  } else {
    connection.close();
  }
  return message.size;
}

void LoadRun::take_answer(Client& client, const WireMessage& message) {
  last_answer_us_ = monotonic_us();
  report_.answered(client.request.kind, message.status, last_answer_us_ - client.sent_at_us);
  client.waiting = false;
  --out_;
  if ((message.status == 429 || message.status == 503) && message.field("retry-after").empty()) {
    report_.refused_without_retry_after();
  }
  if (message.status >= 200 && message.status <= 299) {
    acknowledge(client, message);
  }
}

void LoadRun::acknowledge(const Client& client, const WireMessage& message) {
  switch (client.request.kind) {
    case RequestKind::kCreate: {
      std::string id = reader_.task_id(message.body);
      report_.tasks_created(1);
      log("create", id);
      maker_.remember(std::move(id));
      break;
    }
    case RequestKind::kBatch: {
      AnswerReader::BatchAnswer answer = reader_.batch(message.body);
      report_.tasks_created(answer.created.size());
      report_.operations_refused(answer.refused);
      for (const std::string& id : answer.created) {
        log("create", id);
      }
      break;
    }
    case RequestKind::kReplace:
      log("replace", client.request.task_id);
      maker_.remember(client.request.task_id);
      break;
    case RequestKind::kDelete:
      log("delete", client.request.task_id);
      break;
    case RequestKind::kPage:
      if (std::string token = reader_.next_page(message.body); !token.empty()) {
        maker_.go_on_from(std::move(token));
      }
      break;
    case RequestKind::kGet:
    case RequestKind::kList:
    case RequestKind::kWebhook:
      break;
  }
  write_log();
}

// One line a change: ms of the acknowledgement, change, task id.
void LoadRun::log(std::string_view change, std::string_view task_id) {
  if (log_ < 0) {
    return;
  }
  log_lines_ += std::to_string(wall_us() / 1000) + ' ';
  log_lines_ += change;
  log_lines_ += ' ';
  log_lines_ += task_id;
  log_lines_ += '\n';
}

void LoadRun::write_log() {
  if (log_lines_.empty()) {
    return;
  }
  ssize_t put = ::write(log_, log_lines_.data(), log_lines_.size());
  HW_CHECK(put == static_cast<ssize_t>(log_lines_.size()),
           "L1 the log takes every acknowledgement");
  log_lines_.clear();
}

void LoadRun::stop_when_done() {
  if (may_send()) {
    return;
  }
  for (const Client& client : clients_) {
    if (client.waiting) {
      return;
    }
  }
  loop_.stop();
}

void LoadRun::on_tick() {
  if (monotonic_us() - last_answer_us_ > kGiveUpAfterUs) {
    loop_.stop();
    return;
  }
  stop_when_done();
  if (!may_send()) {
    return;
  }
  if (options_.rate > 0) send_paced();
  for (Client& client : clients_) {
    if (!client.connection) {
      connect(client);
    }
  }
}

}  // namespace hourwheel
