#include "net/http_server.h"

#include <h2o.h>
#include <h2o/http1.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "engine/base/check.h"
#include "engine/limits.h"
#include "net/head_guard.h"
#include "net/http_server_accept.h"
#include "net/request_slots.h"
#include "net/status_phrase.h"

namespace hourwheel {
namespace {

constexpr Duration kRequestTimeout = seconds(10);
constexpr size_t kBodyPadding = 64;  // what net/http.h promises behind a body
// Turns of h2o's loop that close every connection after a cut; one takes two or three.
constexpr int kMaxClosingRuns = 1'000;

std::string_view view(const h2o_iovec_t& bytes) {
  return {bytes.base, bytes.len};
}
h2o_iovec_t iovec(std::string_view bytes) {
  return h2o_iovec_init(bytes.data(), bytes.size());
}

// Before '?'.
std::string_view path_of(const h2o_req_t* req) {
  const std::string_view target = view(req->input.path);
  return target.substr(0, target.find('?'));
}

Address peer_of(h2o_req_t* req) {
  sockaddr_storage storage{};
  auto& any = reinterpret_cast<sockaddr&>(storage);
  if (req->conn->callbacks->get_peername(req->conn, &any) == 0) return {};
  return from_sockaddr(any).value_or(Address{});
}

// R3. Names come from our code, values may carry what a client sent.
bool sendable(const HttpResponse& response) {
  auto clean = [](std::string_view value) {
    return std::none_of(value.begin(), value.end(), [](char c) {
      auto byte = static_cast<unsigned char>(c);
      return (byte < 0x20 && byte != '\t') || byte == 0x7f;
    });
  };
  return clean(response.content_type) &&
         std::all_of(response.fields.begin(), response.fields.end(), [&](const auto& field) {
           return clean(field.first) && clean(field.second) && !field.first.empty() &&
                  field.first.find_first_of(" :") == std::string::npos;
         });
}

bool has_no_body(int status) {
  return status == 204 || status == 304;
}

// Fills status and fields; what they point at must live until the first send.
void set_head(h2o_req_t* req, const HttpResponse& response) {
  req->res.status = response.status;
  req->res.reason = status_phrase(response.status);
  if (!response.content_type.empty() && !has_no_body(response.status)) {
    h2o_add_header(&req->pool, &req->res.headers, H2O_TOKEN_CONTENT_TYPE, nullptr,
                   response.content_type.data(), response.content_type.size());
  }
  for (const auto& [name, value] : response.fields) {
    h2o_add_header_by_str(&req->pool, &req->res.headers, name.data(), name.size(), 1, nullptr,
                          value.data(), value.size());
  }
}

// The first send of a whole answer, which is also its last.
void send_whole(h2o_req_t* req, h2o_generator_t* generator, const HttpResponse& response) {
  set_head(req, response);
  // SIZE_MAX leaves Content-Length out, as 204 and 304 demand.
  req->res.content_length = has_no_body(response.status) ? SIZE_MAX : response.body.size();
  bool without_body = has_no_body(response.status) || view(req->input.method) == "HEAD";
  h2o_iovec_t body = iovec(response.body);
  h2o_start_response(req, generator);
  h2o_send(req, &body, without_body || response.body.empty() ? 0 : 1, H2O_SEND_STATE_FINAL);
}

// --- R2: what h2o answers by itself (its texts are plain text) is replaced on its way out ---

struct OwnAnswer {
  h2o_ostream_t stream;
  h2o_iovec_t body;
};

Error stopping() {
  return {ErrorCode::kDraining, "", "The server is stopping."};
}
Error too_large() {
  return {ErrorCode::kPayloadTooLarge, "", "The body is above 1 MiB."};
}
Error own_refusal(int status) {
  switch (status) {
    case 413:
      return too_large();
    case 417:
      return {ErrorCode::kBadRequest, "", "The only expectation taken is 100-continue."};
    default:
      return {ErrorCode::kBadRequest, "", "The request is not valid HTTP/1.1."};
  }
}

void send_own_answer(h2o_ostream_t* self, h2o_req_t* req, h2o_iovec_t* /*bufs*/, size_t /*count*/,
                     h2o_send_state_t state) {
  auto* own = reinterpret_cast<OwnAnswer*>(self);
  size_t count = view(req->input.method) == "HEAD" ? 0 : 1;
  h2o_ostream_send_next(&own->stream, req, &own->body, count, state);
}

}  // namespace

class HttpServer::Impl {
 public:
  Impl(EventLoop& loop, Connections& connections, HttpHandler& handler, uint32_t max_requests);
  ~Impl();

  HttpAcceptor& acceptor() { return *acceptor_; }
  void respond(RequestSlot& slot, HttpResponse response);
  void stream(RequestSlot& slot, HttpResponse head);
  void send_chunk(RequestSlot& slot, std::string chunk, h2o_send_state_t state);
  void expire(Monotonic now);
  void drain();

  RequestSlots slots;

 private:
  enum class Stage : uint8_t { kServing, kDraining, kClosing };

  // Lives in the request's pool: h2o calls `generator` for the next chunk, and the pool calls
  // release() when the request dies, however it dies.
  struct Hold {
    h2o_generator_t generator;
    Impl* server;
    RequestSlot* slot;
  };
  struct Handler {
    h2o_handler_t handler;
    Impl* server;
  };
  struct Filter {
    h2o_filter_t filter;
    Impl* server;
  };
  static int on_request(h2o_handler_t* self, h2o_req_t* req);
  static void on_proceed(h2o_generator_t* self, h2o_req_t* req);
  static void release(void* hold);
  static void replace_own_answer(h2o_filter_t* self, h2o_req_t* req, h2o_ostream_t** slot);
  void take(h2o_req_t* req);
  void refuse(h2o_req_t* req, const Error& why);
  void hand_over(RequestSlot& slot, std::string_view host);
  static void stay_readable(h2o_req_t* req);
  std::string_view padded_body(h2o_req_t* req);
  void close_if_leaving(h2o_req_t* req);

  EventLoop& loop_;
  Connections& connections_;
  HttpHandler& handler_;
  Stage stage_ = Stage::kServing;
  h2o_globalconf_t config_{};
  h2o_context_t context_{};
  std::optional<HttpAcceptor> acceptor_;
  std::string body_copy_;  // of the request being handed over, where h2o's buffer is too short
};

HttpServer::Impl::Impl(EventLoop& loop, Connections& connections, HttpHandler& handler,
                       uint32_t max_requests)
    : slots(max_requests, kAnswerDeadline),
      loop_(loop),
      connections_(connections),
      handler_(handler) {
  h2o_config_init(&config_);
  config_.server_name = iovec("");
  // One more than we take, because h2o's limit on chunked bodies is exclusive; take() has ours.
  config_.max_request_entity_size = kMaxRequestBody + 1;
  config_.http1.req_timeout = static_cast<uint64_t>(kRequestTimeout.ms);
  config_.http1.upgrade_to_http2 = 0;
  h2o_hostconf_t* host = h2o_config_register_host(&config_, iovec("default"), 65535);
  h2o_pathconf_t* all = h2o_config_register_path(host, "/", 0);
  auto* entry = reinterpret_cast<Handler*>(h2o_create_handler(all, sizeof(Handler)));
  entry->handler.on_req = on_request;
  entry->server = this;
  // Requests that h2o refuses by itself never got a path; their answers leave by the fallback's.
  auto* filter = reinterpret_cast<Filter*>(h2o_create_filter(&host->fallback_path, sizeof(Filter)));
  filter->filter.on_setup_ostream = replace_own_answer;
  filter->server = this;
  h2o_context_init(&context_, loop_.h2o(), &config_);
  acceptor_.emplace(loop_, connections_, context_, kRequestTimeout);
}

HttpServer::Impl::~Impl() {
  stage_ = Stage::kClosing;
  while (RequestSlot* slot = slots.oldest()) {
    if (slot->form == AnswerForm::kStream) {
      send_chunk(*slot, {}, H2O_SEND_STATE_ERROR);
    } else {
      respond(*slot, handler_.refusal(stopping(), path_of(slot->request)));
    }
  }
  connections_.cut();
  for (int run = 0; run < kMaxClosingRuns && connections_.open() > 0; ++run) {
    static_cast<void>(h2o_evloop_run(loop_.h2o(), 0));
  }
  HW_CHECK(connections_.open() == 0, "R1 no connection outlives its server");
  acceptor_.reset();
  h2o_context_dispose(&context_);
  h2o_config_dispose(&config_);
}

void HttpServer::Impl::replace_own_answer(h2o_filter_t* self, h2o_req_t* req,
                                          h2o_ostream_t** slot) {
  Impl* server = reinterpret_cast<Filter*>(self)->server;
  HttpResponse response = server->handler_.refusal(own_refusal(req->res.status), path_of(req));
  auto* own = reinterpret_cast<OwnAnswer*>(h2o_add_ostream(req, sizeof(OwnAnswer), slot));
  own->stream.do_send = send_own_answer;
  own->body = h2o_strdup(&req->pool, response.body.data(), response.body.size());
  h2o_iovec_t type =
      h2o_strdup(&req->pool, response.content_type.data(), response.content_type.size());
  req->res.status = response.status;
  req->res.reason = status_phrase(response.status);
  req->res.content_length = response.body.size();
  h2o_set_header(&req->pool, &req->res.headers, H2O_TOKEN_CONTENT_TYPE, type.base, type.len, 1);
  h2o_setup_next_ostream(req, &own->stream.next);
}

int HttpServer::Impl::on_request(h2o_handler_t* self, h2o_req_t* req) {
  reinterpret_cast<Handler*>(self)->server->take(req);
  return 0;
}

void HttpServer::Impl::take(h2o_req_t* req) {
  h2o_socket_t* socket = req->conn->callbacks->get_socket(req->conn);
  HttpAcceptor::request_came(*socket);
  const h2o_buffer_t* input = socket->input;  // of TLS, too: h2o puts there what it deciphered
  HeadVerdict verdict = inspect_head({input->bytes, input->size});
  if (verdict.after == AfterAnswer::kClose) req->http1_is_persistent = 0;
  close_if_leaving(req);
  if (verdict.refusal) {
    return refuse(req, {verdict.refusal->code, "", std::string(verdict.refusal->detail)});
  }
  if (req->entity.len > kMaxRequestBody) return refuse(req, too_large());
  if (stage_ == Stage::kClosing) return refuse(req, stopping());
  RequestSlot* slot = slots.take(req);
  if (slot == nullptr) {
    return refuse(req, {ErrorCode::kOverloaded, "", "Too many requests are being served."});
  }
  auto* held = static_cast<Hold*>(h2o_mem_alloc_shared(&req->pool, sizeof(Hold), release));
  *held = Hold{{on_proceed, nullptr}, this, slot};
  slot->generator = &held->generator;
  hand_over(*slot, verdict.host);
  stay_readable(req);
}

// h2o stops reading while a request is being answered. As the answer comes in a later turn, that
// would cost a descriptor's removal from the epoll set and its return. So reading goes on until
// something comes: what does lies in the input buffer, as with pipelining, until h2o gets there.
// Only for requests with a body, whose head h2o has copied: the buffer may move.
void HttpServer::Impl::stay_readable(h2o_req_t* req) {
  if (req->entity.base == nullptr) return;
  h2o_socket_read_start(
      req->conn->callbacks->get_socket(req->conn),
      [](h2o_socket_t* socket, const char* /*error*/) { h2o_socket_read_stop(socket); });
}

// An answer of the server's own, outside of any slot: its bytes move to the request's pool.
void HttpServer::Impl::refuse(h2o_req_t* req, const Error& why) {
  struct Kept {
    h2o_generator_t generator;  // all null: nothing follows, nobody wants to know of the end
    HttpResponse response;
  };
  auto* kept = static_cast<Kept*>(h2o_mem_alloc_shared(
      &req->pool, sizeof(Kept), [](void* p) { std::destroy_at(static_cast<Kept*>(p)); }));
  std::construct_at(kept, Kept{{}, handler_.refusal(why, path_of(req))});
  send_whole(req, &kept->generator, kept->response);
}

void HttpServer::Impl::hand_over(RequestSlot& slot, std::string_view host) {
  h2o_req_t* req = slot.request;
  std::array<HttpField, kMaxRequestFields> fields;
  size_t count = std::min(req->headers.size, fields.size());
  for (size_t i = 0; i < count; ++i) {
    const h2o_header_t& header = req->headers.entries[i];
    fields[i] = {view(*header.name), view(header.value)};
  }
  const std::string_view target = view(req->input.path);
  const std::string_view path = path_of(req);
  HttpRequest request{.method = view(req->input.method),
                      .path = path,
                      .query = target.substr(std::min(target.size(), path.size() + 1)),
                      .authority = host,
                      .peer = peer_of(req),
                      .over_tls = req->conn->callbacks->get_socket(req->conn)->ssl != nullptr,
                      .fields = {fields.data(), count},
                      .body = padded_body(req)};
  handler_.on_request(slot.token(), request);
}

std::string_view HttpServer::Impl::padded_body(h2o_req_t* req) {
  static constexpr std::array<char, kBodyPadding> kNoBody{};
  if (req->entity.len == 0) return {kNoBody.data(), 0};
  // The body lies in the socket's input buffer; mostly there is room behind it.
  const h2o_buffer_t* input = req->conn->callbacks->get_socket(req->conn)->input;
  const char* end = req->entity.base + req->entity.len;
  const char* limit = input->bytes + input->capacity;
  bool inside = req->entity.base >= input->bytes && end <= limit;
  if (inside && static_cast<size_t>(limit - end) >= kBodyPadding) return view(req->entity);
  body_copy_.assign(req->entity.base, req->entity.len);
  body_copy_.append(kBodyPadding, '\0');
  return {body_copy_.data(), req->entity.len};
}

void HttpServer::Impl::close_if_leaving(h2o_req_t* req) {
  if (stage_ != Stage::kServing) req->http1_is_persistent = 0;
}

void HttpServer::Impl::respond(RequestSlot& slot, HttpResponse response) {
  HW_CHECK(slot.phase == RequestPhase::kWaiting && slot.form == AnswerForm::kWhole,
           "R1 a request is answered once");
  if (!sendable(response)) {
    response =
        handler_.refusal({ErrorCode::kInternal, "", "The answer has a field that cannot be sent."},
                         path_of(slot.request));
  }
  slots.leave(slot, RequestPhase::kAnswered);
  slot.response = std::move(response);
  close_if_leaving(slot.request);
  send_whole(slot.request, slot.generator, slot.response);
}

void HttpServer::Impl::stream(RequestSlot& slot, HttpResponse head) {
  if (!sendable(head) || view(slot.request->input.method) == "HEAD" || has_no_body(head.status)) {
    // There is nothing to stream. Left as if it were writing, so that the handler is told that its
    // stream is over when the request ends.
    head.body.clear();
    respond(slot, std::move(head));
    return slots.leave(slot, RequestPhase::kWriting);
  }
  h2o_req_t* req = slot.request;
  slot.response = std::move(head);
  close_if_leaving(req);
  if (req->version < 0x101) req->http1_is_persistent = 0;  // no chunks: only the close can end it
  set_head(req, slot.response);
  req->res.content_length = SIZE_MAX;
  h2o_start_response(req, slot.generator);
  slot.form = AnswerForm::kStream;
  send_chunk(slot, std::move(slot.response.body), H2O_SEND_STATE_IN_PROGRESS);
}

void HttpServer::Impl::send_chunk(RequestSlot& slot, std::string chunk, h2o_send_state_t state) {
  slots.leave(
      slot, state == H2O_SEND_STATE_IN_PROGRESS ? RequestPhase::kWriting : RequestPhase::kAnswered);
  slot.chunk = std::move(chunk);
  h2o_iovec_t bytes = iovec(slot.chunk);
  h2o_send(slot.request, &bytes, slot.chunk.empty() ? 0 : 1, state);
}

// The last chunk is with the kernel: the handler's turn.
void HttpServer::Impl::on_proceed(h2o_generator_t* self, h2o_req_t* /*req*/) {
  auto* held = reinterpret_cast<Hold*>(self);
  RequestSlot& slot = *held->slot;
  held->server->slots.wait(slot);
  held->server->handler_.on_writable(slot.token());
}

void HttpServer::Impl::release(void* hold) {
  auto* held = static_cast<Hold*>(hold);
  RequestSlot& slot = *held->slot;
  HttpToken token = slot.token();
  bool unanswered = slot.phase != RequestPhase::kAnswered;
  held->server->slots.release(slot);
  if (unanswered && held->server->stage_ != Stage::kClosing) {
    held->server->handler_.on_closed(token);
  }
}

void HttpServer::Impl::expire(Monotonic now) {
  while (RequestSlot* slot = slots.next_expired(now)) {
    HttpToken token = slot->token();
    if (slot->form == AnswerForm::kStream) {
      send_chunk(*slot, {}, H2O_SEND_STATE_ERROR);
    } else {
      respond(*slot, handler_.refusal({ErrorCode::kTimedOut, "",
                                       "There was no answer in time. The request may or may not "
                                       "have had its effect; it is safe to repeat by id."},
                                      path_of(slot->request)));
    }
    handler_.on_closed(token);
  }
}

void HttpServer::Impl::drain() {
  if (stage_ == Stage::kServing) stage_ = Stage::kDraining;
  // Not h2o_context_request_shutdown(): that also starts a timer of HTTP/2, which outlives us.
  context_.shutdown_requested = 1;
  connections_.stop_reading();
}

HttpServer::HttpServer(EventLoop& loop, Connections& connections, HttpHandler& handler,
                       uint32_t max_requests)
    : impl_(std::make_unique<Impl>(loop, connections, handler, max_requests)) {}
HttpServer::~HttpServer() = default;

void HttpServer::accept(int fd, uint32_t connection) {
  impl_->acceptor().accept(fd, connection);
}
void HttpServer::set_tls(TlsContext context) {
  impl_->acceptor().set_tls(std::move(context));
}
bool HttpServer::speaks_tls() const {
  return impl_->acceptor().speaks_tls();
}
const TlsFrontCounters& HttpServer::tls_counters() const {
  return impl_->acceptor().tls_counters();
}
void HttpServer::respond(HttpToken token, HttpResponse response) {
  if (RequestSlot* slot = impl_->slots.find(token)) impl_->respond(*slot, std::move(response));
}
void HttpServer::stream(HttpToken token, HttpResponse head) {
  if (RequestSlot* slot = impl_->slots.find(token)) impl_->stream(*slot, std::move(head));
}
void HttpServer::stream_chunk(HttpToken token, std::string chunk) {
  RequestSlot* slot = impl_->slots.find(token);
  if (slot == nullptr) return;
  HW_CHECK(slot->form == AnswerForm::kStream && slot->phase == RequestPhase::kWaiting,
           "H2 a chunk follows on_writable");
  // An empty send would read as the end to h2o.
  if (chunk.empty()) return impl_->slots.wait(*slot);
  impl_->send_chunk(*slot, std::move(chunk), H2O_SEND_STATE_IN_PROGRESS);
}
void HttpServer::stream_last(HttpToken token, std::string chunk) {
  RequestSlot* slot = impl_->slots.find(token);
  if (slot == nullptr) return;
  HW_CHECK(slot->form == AnswerForm::kStream && slot->phase == RequestPhase::kWaiting,
           "H2 a chunk follows on_writable");
  impl_->send_chunk(*slot, std::move(chunk), H2O_SEND_STATE_FINAL);
}
void HttpServer::cut_stream(HttpToken token) {
  RequestSlot* slot = impl_->slots.find(token);
  if (slot == nullptr) return;
  HW_CHECK(slot->form == AnswerForm::kStream && slot->phase == RequestPhase::kWaiting,
           "H2 a cut follows on_writable");
  impl_->send_chunk(*slot, {}, H2O_SEND_STATE_ERROR);
}
void HttpServer::expire(Monotonic now) {
  impl_->expire(now);
}
std::optional<Monotonic> HttpServer::next_deadline() const {
  return impl_->slots.next_deadline();
}
void HttpServer::drain() {
  impl_->drain();
}
uint32_t HttpServer::requests_in_flight() const {
  return impl_->slots.taken();
}

}  // namespace hourwheel

#if defined(__has_feature)
#define HW_HAS_FEATURE(feature) __has_feature(feature)
#else
#define HW_HAS_FEATURE(feature) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || HW_HAS_FEATURE(address_sanitizer)
// Known and bounded: h2o's free lists are thread-local and lost when their thread ends, and it does
// not free the queue of a context.
extern "C" const char* __lsan_default_suppressions() {
  return "leak:h2o_mem_alloc_recycle\nleak:h2o_multithread_create_queue\n";
}
#endif
