#include "net/webhook_dispatcher.h"

#include <algorithm>

#include "engine/base/check.h"
#include "engine/limits.h"
#include "engine/url.h"
#include "net/attempt_request.h"

namespace hourwheel {
namespace {

constexpr uint16_t kAccepted = 202;

}  // namespace

WebhookDispatcher::WebhookDispatcher(Io& io, Resolver& resolver, const EgressPolicy& policy,
                                     Signer& signer, TlsClient& tls)
    : io_(io), resolver_(resolver), policy_(policy), signer_(signer), tls_(tls) {}

WebhookDispatcher::~WebhookDispatcher() {
  for (auto& connection : connections_) {
    if (connection) io_.close(connection->id);
  }
}

void WebhookDispatcher::start(const AttemptStart& start) {
  auto url = parse_url(start.spec.target.url);
  HW_CHECK(url.has_value(), "what was stored was parsed by the same parser");
  ++counters_.attempts_started;
  AttemptId id = *attempts_.emplace();
  Attempt& attempt = *attempts_.find(id);
  attempt.token = start.token;
  attempt.started = now_.utc;
  remember(start.token, id);
  if (stopped_) {
    end(id, AttemptResult::kStopped, "the server is stopping");
    return;
  }
  attempt.response_to = start.spec.target.method == "HEAD" ? ResponseTo::kHead : ResponseTo::kOther;
  auto proof = prove(start.spec.target, url->host, secrets_, now_.utc);
  if (!proof) {
    end(id, proof.error().result, proof.error().detail);
    return;
  }
  const Destination destination =
      destination_of(*url, start.spec.target.tls, proof->certificate_version);  // D6
  attempt.destination = destination;
  Signer& signer = proof->signer != nullptr ? *proof->signer : signer_;
  const std::string link = link_for(start);
  attempt.may_report = !link.empty();
  attempt.request = attempt_request(start, *url, signer, proof->field, link);
  wipe(proof->field.second);
  attempt.connect_timeout = start.spec.target.connect_timeout;
  attempt.tls_timeout = start.spec.target.tls_timeout;
  attempt.deadline = now_.mono + start.spec.target.timeout;
  attempt_deadlines_.set(id.slot, attempt.deadline);
  if (!add_peer(destination, *std::move(url), start.spec.target.tls, proof->certificate)) {
    end(id, AttemptResult::kTlsFailed, "the target's own certificates cannot be read");
    return;
  }
  peers_.at(destination.value).waiting.push_back(id);
  serve(destination);
}

// Empty: the target is not to report later.
std::string WebhookDispatcher::link_for(const AttemptStart& start) const {
  const bool offered = start.spec.target.completion && links_ != nullptr && links_->available();
  return offered ? links_->link_to({start.task, start.run, start.attempt}) : std::string();
}

// False: the certificates of its settings cannot be read.
bool WebhookDispatcher::add_peer(Destination destination, Url&& url, const TargetTls& tls,
                                 const TlsClientCertificate* certificate) {
  if (peers_.contains(destination.value)) return true;
  Peer peer;
  if (url.scheme == UrlScheme::kHttps) {
    auto target = TlsTarget::create(destination.value, url.host, tls, certificate);
    if (!target) return false;
    peer.tls = *std::move(target);
  }
  peer.host = std::move(url.host);
  peer.port = url.port;
  peers_.emplace(destination.value, std::move(peer));
  return true;
}

void WebhookDispatcher::remember(AttemptToken token, AttemptId id) {
  if (token.shard >= by_token_.size()) by_token_.resize(token.shard + 1);
  std::vector<AttemptId>& slots = by_token_[token.shard];
  if (token.slot >= slots.size()) slots.resize(token.slot + 1);
  slots[token.slot] = id;
}

void WebhookDispatcher::cancel(AttemptToken token) {
  if (token.shard >= by_token_.size() || token.slot >= by_token_[token.shard].size()) return;
  const AttemptId id = by_token_[token.shard][token.slot];
  const Attempt* attempt = attempts_.find(id);
  if (attempt == nullptr || attempt->token.generation != token.generation) return;  // it has ended
  const Destination destination = attempt->destination;
  if (attempt->phase != Phase::kWaiting) close(attempt->connection);
  end(id, AttemptResult::kStopped, "it was asked to end, or a newer run took its place");
  serve(destination);
}

void WebhookDispatcher::reap() {
  resolved_.clear();
  resolver_.take_resolved(resolved_, now_.mono);
  for (const std::string& host : resolved_) {
    auto found = unresolved_.find(host);
    if (found == unresolved_.end()) continue;
    std::vector<Destination> destinations = std::move(found->second);
    unresolved_.erase(found);
    for (Destination destination : destinations) serve(destination);
  }
  io_.reap(*this);
}

void WebhookDispatcher::expire() {
  while (attempt_deadlines_.next() && *attempt_deadlines_.next() <= now_.mono) {
    // The slot is filled (D1): an attempt that has ended has no deadline.
    const AttemptId id = attempts_.handle_at(attempt_deadlines_.first());
    Attempt& attempt = attempts_.at(id.slot);
    const Destination destination = attempt.destination;
    expire_attempt(id, attempt);
    serve(destination);
  }
  while (idle_deadlines_.next() && *idle_deadlines_.next() <= now_.mono) {
    const HttpConnection& connection = *connections_[idle_deadlines_.first()];
    const Destination destination = connection.destination;
    close(connection.id);
    release_if_unused(destination);
  }
}

std::optional<Monotonic> WebhookDispatcher::next_deadline() const {
  auto attempt = attempt_deadlines_.next();
  auto idle = idle_deadlines_.next();
  if (!attempt || !idle) return attempt ? attempt : idle;
  return std::min(*attempt, *idle);
}

void WebhookDispatcher::take_ended(std::vector<AttemptEnded>& out) {
  out.insert(out.end(), std::make_move_iterator(ended_.begin()),
             std::make_move_iterator(ended_.end()));
  ended_.clear();
}

void WebhookDispatcher::stop() {
  stopped_ = true;
  attempts_.for_each([this](AttemptId id, const Attempt&) {
    end(id, AttemptResult::kStopped, "the server is stopping");
  });
  for (auto& connection : connections_) {
    if (connection) close(ConnectionId(connection->id));
  }
  peers_.clear();
  unresolved_.clear();
}

// --- what io tells ---

void WebhookDispatcher::on_connected(ConnectionId id) {
  HttpConnection* connection = find(id);
  HW_CHECK(connection != nullptr, "I2 io speaks only of connections it has");
  Attempt* attempt = attempts_.find(connection->attempt);
  HW_CHECK(attempt != nullptr, "a connection being made is closed when its attempt ends");
  attempt->wire.connect = phase_time(*attempt);
  if (peers_.at(connection->destination.value).tls) {
    secure(*connection, *attempt);
  } else {
    send(*connection, connection->attempt, *attempt);
  }
}

void WebhookDispatcher::on_plain(ConnectionId id, std::span<char> bytes) {
  HttpConnection* connection = find(id);
  const Destination destination = connection->destination;
  if (connection->state == ConnectionState::kIdle) {
    close(id);  // nobody asked: whatever it is, the next response would be confused with it
  } else {
    note_first_byte(*connection);
    switch (connection->parser.feed(bytes, now_.utc)) {
      case Parsed::kNeedMore:
        return;
      case Parsed::kDone:
        respond(*connection);
        break;
      case Parsed::kBad:
        end(connection->attempt, AttemptResult::kBadResponse, connection->parser.error());
        close(id);
        break;
    }
  }
  serve(destination);
}

void WebhookDispatcher::on_closed(ConnectionId id, CloseReason /*reason*/) {
  HttpConnection* connection = find(id);
  HW_CHECK(connection != nullptr, "I2 io speaks only of connections it has");
  const AttemptId attempt_id = connection->attempt;
  if (connection->state == ConnectionState::kSecuring) {
    end(attempt_id, AttemptResult::kTlsFailed, "the connection closed in the TLS handshake");
  }
  if (connection->state != ConnectionState::kConnecting) {
    // Within TLS an end in order was told before; without that anybody may have cut it short.
    end_stream(*connection, connection->tls == nullptr);
    return;
  }
  const Destination destination = connection->destination;
  forget(id);
  Attempt* attempt = attempts_.find(attempt_id);
  HW_CHECK(attempt != nullptr, "a connection being made is closed when its attempt ends");
  if (attempt->next_address < attempt->addresses.size()) {
    open_next(attempt_id, *attempt);
  } else {
    end(attempt_id, AttemptResult::kConnectFailed, "no connection could be made");
  }
  serve(destination);
}

// Nothing more will come on a connection that was made; closing one that io has closed is nothing.
void WebhookDispatcher::end_stream(HttpConnection& connection, bool in_order) {
  const Destination destination = connection.destination;
  const bool busy = connection.state == ConnectionState::kBusy;
  // A response may end with its connection; the attempt's end copies what it needs.
  if (busy && in_order && connection.parser.finish() == Parsed::kDone) {
    respond(connection);
  } else {
    if (busy) {
      const bool failed = connection.tls && connection.tls->state() == TlsState::kFailed;
      end(connection.attempt, AttemptResult::kConnectionLost,
          failed ? connection.tls->error()
                 : "the connection closed before a whole response had come");
    }
    close(connection.id);
  }
  serve(destination);
}

// --- attempts to connections ---

// Gives connections to the destination's waiting attempts, as far as there are any to give.
void WebhookDispatcher::serve(Destination destination) {
  auto found = peers_.find(destination.value);
  if (found == peers_.end()) return;
  Peer& peer = found->second;
  drop_ended_waiters(peer);
  if (!peer.waiting.empty()) {
    const Addresses* addresses = resolver_.resolve(peer.host, now_.mono);
    if (addresses == nullptr) {
      auto& destinations = unresolved_[peer.host];
      if (std::find(destinations.begin(), destinations.end(), destination) == destinations.end()) {
        destinations.push_back(destination);
      }
      return;
    }
    const bool has_addresses = !addresses->empty();
    usable_.clear();
    for (Address address : *addresses) {
      address.port = peer.port;
      if (policy_.allows(address)) usable_.push_back(address);
    }
    while (!peer.waiting.empty()) {
      const AttemptId id = peer.waiting.front();
      if (!has_addresses) {
        end(id, AttemptResult::kResolveFailed, "the name could not be resolved");
      } else if (usable_.empty()) {
        end(id, AttemptResult::kAddressDenied, "the address is not allowed as a target");
      } else if (!serve_one(peer, id)) {
        break;
      }
      peer.waiting.pop_front();
      drop_ended_waiters(peer);
    }
  }
  release_if_unused(destination);
}

// False: there is no connection for it now (D4).
bool WebhookDispatcher::serve_one(Peer& peer, AttemptId id) {
  Attempt& attempt = *attempts_.find(id);
  if (HttpConnection* connection = take_idle(peer)) {
    ++counters_.connections_reused;
    note_address(attempt, connection->address);
    attempt.wire.reused = true;
    send(*connection, id, attempt);
    return true;
  }
  if (peer.connections >= kMaxConnectionsPerDestination) return false;
  attempt.addresses = usable_;
  attempt.next_address = 0;
  attempt.connect_deadline = now_.mono + attempt.connect_timeout;
  attempt.phase_since = now_.mono;
  open_next(id, attempt);
  return true;
}

void WebhookDispatcher::drop_ended_waiters(Peer& peer) {
  while (!peer.waiting.empty() && attempts_.find(peer.waiting.front()) == nullptr) {
    peer.waiting.pop_front();
  }
}

// The most recently used kept connection that still leads where it may (D3); others are closed.
HttpConnection* WebhookDispatcher::take_idle(Peer& peer) {
  while (!peer.idle.empty()) {
    HttpConnection& connection = *connections_[peer.idle.back().slot];
    const bool usable =
        std::find(usable_.begin(), usable_.end(), connection.address) != usable_.end();
    if (!usable || !may_be_used(connection)) {
      close(connection.id);
      continue;
    }
    peer.idle.pop_back();
    idle_deadlines_.clear(connection.id.slot);
    --counters_.connections_idle;
    return &connection;
  }
  return nullptr;
}

// Each of the addresses that are left gets its equal share of the time that is left, so that one
// black hole among them does not take it all.
void WebhookDispatcher::open_next(AttemptId id, Attempt& attempt) {
  const Address address = attempt.addresses[attempt.next_address];
  const auto left = static_cast<int64_t>(attempt.addresses.size() - attempt.next_address);
  ++attempt.next_address;
  const ConnectionId connection_id = io_.connect(address);
  if (connection_id.slot >= connections_.size()) connections_.resize(connection_id.slot + 1);
  auto& connection = connections_[connection_id.slot];
  HW_CHECK(connection == nullptr, "I2 a slot of io is ours alone until it is closed");
  connection = std::make_unique<HttpConnection>();
  connection->id = connection_id;
  connection->destination = attempt.destination;
  connection->address = address;
  connection->attempt = id;
  note_address(attempt, address);
  attempt.phase = Phase::kConnecting;
  attempt.connection = connection_id;
  ++peers_.at(attempt.destination.value).connections;
  ++counters_.connections_opened;
  ++counters_.connections_open;
  const Duration share{std::max<int64_t>(1, (attempt.connect_deadline - now_.mono).ms / left)};
  attempt_deadlines_.set(id.slot, std::min(attempt.deadline, now_.mono + share));
}

void WebhookDispatcher::send(HttpConnection& connection, AttemptId id, Attempt& attempt) {
  HW_CHECK(attempt.phase != Phase::kSent, "D2 a request is sent at most once");
  connection.state = ConnectionState::kBusy;
  connection.attempt = id;
  connection.parser.reset(attempt.response_to);
  std::string bytes = std::move(attempt.request);
  if (connection.tls) {
    connection.tls->write(bytes);
    bytes = connection.tls->take_output();
  }
  attempt.phase = Phase::kSent;
  attempt.connection = connection.id;
  attempt.started = now_.utc;
  attempt.phase_since = now_.mono;
  attempt_deadlines_.set(id.slot, attempt.deadline);
  io_.send(connection.id, std::move(bytes));
}

// --- ends ---

// A whole response is there: the attempt ends, the connection is kept if it can be.
void WebhookDispatcher::respond(HttpConnection& connection) {
  ResponseParser& parser = connection.parser;
  AttemptOutcome outcome;
  outcome.result = AttemptResult::kResponded;
  outcome.status = parser.status();
  outcome.no_retry = parser.no_retry();
  const Attempt* attempt = attempts_.find(connection.attempt);
  outcome.deferred = attempt != nullptr && attempt->may_report && parser.status() == kAccepted &&
                     parser.deferred();
  outcome.retry_after = parser.retry_after();
  outcome.body = std::move(parser.body());
  outcome.kept_fields = std::move(parser.kept_fields());
  end(connection.attempt, std::move(outcome));
  connection.attempt = {};
  // A response that came before the whole request was taken leaves the rest of it in the way.
  if (parser.reusable() && io_.flushed(connection.id) && may_be_used(connection)) {
    keep(connection);
  } else {
    close(connection.id);
  }
}

void WebhookDispatcher::keep(HttpConnection& connection) {
  connection.state = ConnectionState::kIdle;
  peers_.at(connection.destination.value).idle.push_back(connection.id);
  idle_deadlines_.set(connection.id.slot, now_.mono + kMaxIdleAge);
  ++counters_.connections_idle;
  if (counters_.connections_idle <= kMaxIdleConnections) return;
  const HttpConnection& oldest = *connections_[idle_deadlines_.first()];
  const Destination destination = oldest.destination;
  close(oldest.id);
  if (destination != connection.destination) release_if_unused(destination);
}

// By value: what names the connection is often inside of it.
void WebhookDispatcher::close(ConnectionId id) {
  io_.close(id);
  forget(id);
}

void WebhookDispatcher::forget(ConnectionId id) {
  HttpConnection* connection = find(id);
  HW_CHECK(connection != nullptr, "a connection is forgotten once");
  Peer& peer = peers_.at(connection->destination.value);
  --peer.connections;
  --counters_.connections_open;
  if (connection->state == ConnectionState::kIdle) {
    std::erase(peer.idle, id);
    idle_deadlines_.clear(id.slot);
    --counters_.connections_idle;
  }
  connections_[id.slot].reset();
}

void WebhookDispatcher::release_if_unused(Destination destination) {
  auto found = peers_.find(destination.value);
  if (found == peers_.end()) return;
  if (found->second.connections == 0 && found->second.waiting.empty()) peers_.erase(found);
}

void WebhookDispatcher::expire_attempt(AttemptId id, Attempt& attempt) {
  const bool out_of_time = attempt.deadline <= now_.mono;
  switch (attempt.phase) {
    case Phase::kWaiting:
      end(id, AttemptResult::kTimedOut, "the time ran out before a connection was free");
      return;
    case Phase::kConnecting:
      close(attempt.connection);
      if (out_of_time) {
        end(id, AttemptResult::kTimedOut, "the time ran out before a connection was made");
      } else if (attempt.next_address < attempt.addresses.size()) {
        open_next(id, attempt);
      } else {
        end(id, AttemptResult::kConnectTimedOut, "no connection was made in time");
      }
      return;
    case Phase::kSecuring:
      close(attempt.connection);
      end(id, out_of_time ? AttemptResult::kTimedOut : AttemptResult::kTlsTimedOut,
          "the TLS handshake did not end in time");
      return;
    case Phase::kSent:
      close(attempt.connection);
      end(id, AttemptResult::kTimedOut, "the time ran out before a whole response had come");
      return;
  }
}

void WebhookDispatcher::end(AttemptId id, AttemptResult result, std::string_view detail) {
  AttemptOutcome outcome;
  outcome.result = result;
  outcome.detail = detail;
  end(id, std::move(outcome));
}

void WebhookDispatcher::end(AttemptId id, AttemptOutcome outcome) {
  Attempt* attempt = attempts_.find(id);
  HW_CHECK(attempt != nullptr, "D1 an attempt ends once");
  outcome.sent = attempt->phase == Phase::kSent;
  outcome.started = attempt->started;
  outcome.ended = now_.utc;
  outcome.wire = attempt->wire;
  HW_CHECK(outcome.wire.is_sound(), "AW1, AW2 an attempt's times are of its own connection");
  ++counters_.ended[static_cast<size_t>(outcome.result)];
  ended_.push_back({attempt->token, std::move(outcome)});
  attempt_deadlines_.clear(id.slot);
  attempts_.erase(id);
}

HttpConnection* WebhookDispatcher::find(ConnectionId id) {
  if (id.slot >= connections_.size() || !connections_[id.slot]) return nullptr;
  HttpConnection& connection = *connections_[id.slot];
  return connection.id == id ? &connection : nullptr;
}

}  // namespace hourwheel
