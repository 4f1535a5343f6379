// HTTP as the rest of the server sees it: requests, answers and the two interfaces between them.
// No h2o here, so that the server behind can be replaced (net/http_server is today's).
//
// Invariants
//   H1  Only a token crosses a turn, never a request: the client may be gone. An answer to a token
//       that is no longer live is dropped.
//   H2  Every token is answered exactly once or closed by the server's own deadline.
// Thread: everything of one server on its reactor's thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/result.h"
#include "net/address.h"

namespace hourwheel {

// Names one request of one server. Generational: never reused while anybody may still hold it.
struct HttpToken {
  uint32_t slot = 0;
  uint32_t generation = 0;
  friend bool operator==(HttpToken, HttpToken) = default;
};

struct HttpField {
  std::string_view name;  // lower case
  std::string_view value;
};

// All views are valid only during the call that passes the request.
struct HttpRequest {
  std::string_view method;     // "GET", as sent
  std::string_view path;       // as sent, before '?', not decoded
  std::string_view query;      // after '?', not decoded; empty if none
  std::string_view authority;  // the Host header
  Address peer{};              // who is on the other end of the connection
  bool over_tls = false;       // the connection is, not one to a proxy in front
  std::span<const HttpField> fields;
  std::string_view body;  // whole, at most kMaxRequestBody; followed by 64 readable bytes
};

struct HttpResponse {
  int status = 200;
  std::string content_type = "application/json";
  std::vector<std::pair<std::string, std::string>> fields;
  std::string body;
};

// What the server calls. Calls back into the responder are allowed from within.
class HttpHandler {
 public:
  virtual ~HttpHandler() = default;
  virtual void on_request(HttpToken token, const HttpRequest& request) = 0;
  // A stream's last chunk has left: the next may be given.
  virtual void on_writable(HttpToken token) = 0;
  // The token is dead without a complete answer: the client went away, or the deadline passed (the
  // server has answered 503 itself). Nothing may be sent to it any more.
  virtual void on_closed(HttpToken token) = 0;
  // The answer to what the server itself refuses, so that every refusal has one shape. `path` is
  // that of HttpRequest; nobody has looked at it yet.
  [[nodiscard]] virtual HttpResponse refusal(const Error& why, std::string_view path) = 0;
};

// What the handler calls.
class HttpResponder {
 public:
  virtual ~HttpResponder() = default;
  virtual void respond(HttpToken token, HttpResponse response) = 0;
  // Starts an answer of unknown length with the response's body as its first chunk (may be empty).
  virtual void stream(HttpToken token, HttpResponse head) = 0;
  // Only after on_writable. The last chunk ends the answer and the token.
  virtual void stream_chunk(HttpToken token, std::string chunk) = 0;
  virtual void stream_last(HttpToken token, std::string chunk) = 0;
  // Instead of the last chunk: the connection closes, so that the client sees that the answer is
  // not whole.
  virtual void cut_stream(HttpToken token) = 0;
};

}  // namespace hourwheel
