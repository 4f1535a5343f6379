// A receiver of webhooks for tests, benchmarks and people: HTTP/1.1 with keep-alive on raw libevent
// events, on a second address also through TLS with a certificate of its own making. Any method and
// path is an attempt when it carries webhook-id; without that header these are understood, and
// everything else is 404:
//   GET /stats           the ledger as JSON
//   GET /seen?id=RUN     {"arrivals":2,"highest_attempt":2,...}, or 404
//   POST /reset[?expect=N]   forgets everything, and makes room for N run ids
//   POST /lap            lap_ms counts from here on
//   POST /mode?set=MODE[&status=N][&delay=MS]   behaves differently from now on; not "dead"
//
// Invariants
//   W1  Answers of one connection leave in the order of its requests; with a delay, the answers of
//       all connections leave in the order of arrival.
//   W2  An arrival is in the ledger and in the log file before its answer is sent.
// Cost: no allocation for an attempt of a known run; one read and one write serve all that
// arrived together.
// Thread: the loop's own; one sink has one loop.
#pragma once

#include <event2/util.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "engine/base/random.h"
#include "engine/base/result.h"
#include "tools/sink/sink_ledger.h"
#include "tools/sink/sink_options.h"
#include "tools/wire/tls_server.h"
#include "tools/wire/wire_connection.h"
#include "tools/wire/wire_message.h"

struct event;
struct event_base;
struct evconnlistener;

namespace hourwheel {

class WebhookSink final : public WireConnection::Owner {
 public:
  static constexpr size_t kMaxConnections = 20'000;        // beyond: closed as soon as accepted
  static constexpr size_t kMaxAnswersWaiting = 1'000'000;  // beyond: answered without the delay

  // Listens at once; the loop must outlive the sink.
  static Result<std::unique_ptr<WebhookSink>> listen(event_base* base, const SinkOptions& options);
  // Only for listen(): it does nothing yet.
  WebhookSink(event_base* base, const SinkOptions& options);
  ~WebhookSink() override;
  WebhookSink(const WebhookSink&) = delete;
  WebhookSink& operator=(const WebhookSink&) = delete;

  // "127.0.0.1:41234": where it really listens.
  [[nodiscard]] const std::string& address() const { return address_; }
  // The same with TLS; empty: nowhere.
  [[nodiscard]] const std::string& tls_address() const { return tls_address_; }
  [[nodiscard]] const SinkLedger& ledger() const { return ledger_; }

 private:
  // Numbers connections; a waiting answer finds none when its connection is gone.
  using ConnectionNumber = uint64_t;
  struct WaitingAnswer {
    int64_t leaves_at_us;
    ConnectionNumber connection;
    std::string bytes;
  };

  Status open_log(const std::string& file);
  struct Listener {
    WebhookSink* sink = nullptr;
    TlsServer* tls = nullptr;
    evconnlistener* events = nullptr;
  };

  Status open_listener(const std::string& where, Listener& listener, std::string& address);
  Status open_tls(const SinkOptions& options);
  void accept_connection(evutil_socket_t socket, TlsServer* tls);
  size_t on_bytes(WireConnection& connection, std::string_view bytes) override;
  void on_closed(WireConnection& connection, int error) override;

  void answer_attempt(WireConnection& connection, const WireMessage& message);
  void answer_control(WireConnection& connection, const WireMessage& message);
  void record(const WireMessage& message);
  void send_or_delay(WireConnection& connection, std::string bytes);
  void release_answers();
  Status set_mode(std::string_view path);
  void write_log();

  event_base* base_;
  SinkBehaviour behaviour_;
  std::string address_;
  std::string tls_address_;
  int log_ = -1;
  std::string log_lines_;
  int64_t now_us_ = 0;  // of the bytes at hand
  SinkLedger ledger_;
  Random random_{1};  // the same attempts of a flaky sink fail in every test
  std::unique_ptr<TlsServer> tls_;
  Listener listener_;
  Listener tls_listener_;
  event* delay_timer_ = nullptr;
  ConnectionNumber next_connection_ = 1;
  std::unordered_map<ConnectionNumber, std::unique_ptr<WireConnection>> connections_;
  std::unordered_map<const WireConnection*, ConnectionNumber> numbers_;
  std::deque<WaitingAnswer> waiting_;
};

}  // namespace hourwheel
