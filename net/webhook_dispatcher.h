// Sends the attempts of one reactor's shards as HTTP/1.1 requests over kept connections, and
// collects how each ended.
//
// A destination is a URL's scheme, host and port, and of an https target its TLS settings and the
// value of its client certificate.
//
// Invariants
//   D1  Every attempt that was started ends exactly once, at the latest at its time-out.
//   D2  A request is sent at most once. If a kept connection turns out to be dead, the attempt ends
//       as lost; only the engine decides to send again, and then says so (C-7, C-8).
//   D3  A connection, new or kept, carries a request only if its address is one that the name has
//       now and the policy allows now.
//   D4  A destination has at most kMaxConnectionsPerDestination connections; attempts beyond wait
//       for one in the order in which they were started.
//   D5  To an https target no byte of a request leaves before the target has proved itself (L1).
//   D6  A connection that one client certificate was shown on carries no request with another or
//       none: the name and the version of its secret are part of the destination. A request is sent
//       with what its secret was when the attempt started.
// Cost: one request is one allocation for its bytes, a few hash look-ups and two heap moves.
// Thread: the reactor's. Time is what set_now() said last; nothing here reads a clock.
#pragma once

#include <array>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/base/slab.h"
#include "engine/metrics.h"
#include "engine/ports.h"
#include "net/deadline_heap.h"
#include "net/egress_policy.h"
#include "net/http_connection.h"
#include "net/io.h"
#include "net/resolver.h"
#include "net/signature.h"
#include "net/target_auth.h"
#include "net/tls_client.h"

namespace hourwheel {

struct DispatchCounters {
  uint64_t attempts_started = 0;
  uint64_t connections_opened = 0;
  uint64_t connections_reused = 0;
  uint64_t connections_open = 0;  // now
  uint64_t connections_idle = 0;  // now, of those
  Counter tls_handshakes;         // that went well; any thread may read it
  Counter tls_resumed;            // of those; the same
  std::array<uint64_t, static_cast<size_t>(kLastAttemptResult) + 1> ended{};  // by result
};

class WebhookDispatcher final : public DispatchDoor, private IoListener {
 public:
  // All of them outlive the dispatcher.
  WebhookDispatcher(Io& io, Resolver& resolver, const EgressPolicy& policy, Signer& signer,
                    TlsClient& tls);
  ~WebhookDispatcher() override;

  // Once a turn, before anything else.
  void set_now(Now now) { now_ = now; }
  // By which targets may report later, if their tasks let them; never: none may. They outlive the
  // dispatcher.
  void set_links(const CompletionLinks& links) { links_ = &links; }
  // What attempts that start from now on prove themselves with. Connections of a certificate that
  // was replaced close when they have been idle for kMaxIdleAge, without another request (D6).
  void set_secrets(SecretTable secrets) { secrets_ = std::move(secrets); }
  // Requires: the target's URL is one that parse_url() accepts.
  void start(const AttemptStart& attempt) override;
  // Closes the attempt's connection. Its end comes with the others.
  void cancel(AttemptToken attempt) override;
  // Names that were resolved, connections made, bytes that came.
  void reap();
  // Ends what is out of time at set_now()'s instant.
  void expire();
  // When expire() next has work; never late. nullopt: nothing is under way.
  [[nodiscard]] std::optional<Monotonic> next_deadline() const;
  // Appends what has ended since the last call.
  void take_ended(std::vector<AttemptEnded>& out);
  // take_ended() or reap() has something; the loop must not block.
  [[nodiscard]] bool has_work() const {
    return !ended_.empty() || resolver_.has_resolved() || io_.has_work();
  }
  // Ends all attempts as kStopped and closes all connections; what is started later ends at once.
  void stop();

  [[nodiscard]] size_t in_flight() const { return attempts_.size(); }
  [[nodiscard]] const DispatchCounters& counters() const { return counters_; }

 private:
  enum class Phase : uint8_t { kWaiting, kConnecting, kSecuring, kSent };
  struct Attempt {
    AttemptToken token;
    Destination destination;
    ResponseTo response_to = ResponseTo::kOther;
    bool may_report = false;  // it was given a link
    std::string request;
    Duration connect_timeout;
    Duration tls_timeout;
    Monotonic deadline;  // of the whole attempt
    Phase phase = Phase::kWaiting;
    Instant started;
    ConnectionId connection;
    Addresses addresses;  // to try, when a connection has to be made
    size_t next_address = 0;
    Monotonic connect_deadline;  // of all of them
    Monotonic phase_since;
    AttemptWire wire;
  };
  // What we have with one destination. Exists while there is a connection or a waiting attempt.
  struct Peer {
    std::string host;
    uint16_t port = 0;
    std::unique_ptr<TlsTarget> tls;  // null: http
    uint32_t connections = 0;
    std::deque<AttemptId> waiting;   // may name attempts that have ended meanwhile, not in front
    std::vector<ConnectionId> idle;  // the most recently used last
  };

  void on_connected(ConnectionId id) override;
  void on_bytes(ConnectionId id, std::span<char> bytes) override;
  void on_closed(ConnectionId id, CloseReason reason) override;

  static void note_address(Attempt& attempt, const Address& address);
  [[nodiscard]] PhaseTime phase_time(const Attempt& attempt) const;
  void note_first_byte(const HttpConnection& connection);
  [[nodiscard]] std::string link_for(const AttemptStart& start) const;
  void secure(HttpConnection& connection, Attempt& attempt);
  void end_handshake(HttpConnection& connection);
  [[nodiscard]] bool may_be_used(const HttpConnection& connection) const;
  void on_plain(ConnectionId id, std::span<char> bytes);
  void end_stream(HttpConnection& connection, bool in_order);
  bool add_peer(Destination destination, Url&& url, const TargetTls& tls,
                const TlsClientCertificate* certificate);
  void serve(Destination destination);
  bool serve_one(Peer& peer, AttemptId id);
  void drop_ended_waiters(Peer& peer);
  HttpConnection* take_idle(Peer& peer);
  void open_next(AttemptId id, Attempt& attempt);
  void send(HttpConnection& connection, AttemptId id, Attempt& attempt);
  void respond(HttpConnection& connection);
  void keep(HttpConnection& connection);
  void close(ConnectionId id);
  void forget(ConnectionId id);
  void release_if_unused(Destination destination);
  void expire_attempt(AttemptId id, Attempt& attempt);
  void end(AttemptId id, AttemptResult result, std::string_view detail);
  void end(AttemptId id, AttemptOutcome outcome);
  HttpConnection* find(ConnectionId id);
  void remember(AttemptToken token, AttemptId id);

  Io& io_;
  Resolver& resolver_;
  const EgressPolicy& policy_;
  Signer& signer_;
  TlsClient& tls_;
  const CompletionLinks* links_ = nullptr;
  SecretTable secrets_;
  Now now_;
  bool stopped_ = false;
  Slab<Attempt, AttemptTag> attempts_{UINT32_MAX};  // bounded by the shards: kMaxRunsInFlight each
  // Which attempt a shard's slot named last, by shard and slot: what cancel() goes by.
  std::vector<std::vector<AttemptId>> by_token_;
  std::vector<std::unique_ptr<HttpConnection>> connections_;              // by the slot of their id
  std::unordered_map<uint64_t, Peer> peers_;                              // by destination
  std::unordered_map<std::string, std::vector<Destination>> unresolved_;  // by host
  DeadlineHeap attempt_deadlines_;                                        // by slot of the attempt
  DeadlineHeap idle_deadlines_;  // by slot of the connection
  std::vector<AttemptEnded> ended_;
  std::vector<std::string> resolved_;
  Addresses usable_;   // what serve() may connect to
  std::string plain_;  // what on_bytes() was told through TLS
  DispatchCounters counters_;
};

}  // namespace hourwheel
