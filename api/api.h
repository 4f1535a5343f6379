// The HTTP API of one reactor: takes requests from the HTTP server, asks shards, renders replies.
//
// A request is checked at the door (browser guard, route, content type, body) and either answered
// at once or turned into commands and queries; the replies come back through on_reply. Nothing here
// knows a socket, a file or a clock.
//
// Invariants
//   A1-A2 of Calls, R: every route is a row of routes.cc.
// Thread: the reactor's own; http_counters() may be read by any thread.
#pragma once

#include "api/calls.h"
#include "net/http.h"

namespace hourwheel {

class Api final : public HttpHandler, public RequestFront {
 public:
  // What the doors name outlives the Api.
  Api(const Calls::Doors& doors, uint32_t reactor, uint64_t seed) : calls_(doors, reactor, seed) {}

  // Each turn, before anything else is called.
  void set_now(Now now) override { calls_.set_now(now); }
  void set_load(const LoadSigns& signs) override { calls_.set_load(signs); }
  void end_turn() override {
    calls_.release_refusals();
    calls_.tick();
    calls_.look_at_stats();
  }
  [[nodiscard]] std::optional<Monotonic> next_deadline() const override;
  // What shards answered, whenever it comes; dropped if the request is gone.
  void on_reply(Reply reply) override { calls_.on_reply(std::move(reply)); }

  void on_request(HttpToken token, const HttpRequest& request) override;
  void on_writable(HttpToken token) override { calls_.on_writable(token); }
  void on_closed(HttpToken token) override { calls_.on_closed(token); }
  [[nodiscard]] HttpResponse refusal(const Error& why, std::string_view path) override;

  [[nodiscard]] const HttpCounters& http_counters() const {
    return std::as_const(calls_).counters();
  }

 private:
  // Each false: the call is refused.
  bool pass_browser_guard(Call& call, const HttpRequest& request);
  bool pass_route(Call& call, const HttpRequest& request);
  bool pass_access(Call& call, const HttpRequest& request);
  bool pass_state(Call& call, const HttpRequest& request);
  bool pass_key(Call& call, const HttpRequest& request);
  bool pass_gate(Call& call, const HttpRequest& request);
  void refuse_content_type(Call& call, Error why);

  Calls calls_;
};

}  // namespace hourwheel
