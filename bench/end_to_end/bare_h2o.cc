// The floor of a create over HTTP: h2o alone on its own loop, walking through each body with
// simdjson and answering it with 201 and a body as long as a created task's.
//
//   bare_h2o ANSWER_BYTES      prints "listening on 127.0.0.1:PORT", ends when it is killed
#include <h2o.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <simdjson.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "engine/base/check.h"

namespace hourwheel {
namespace {

constexpr int kBacklog = 4096;

h2o_iovec_t view(const std::string& text) {
  return h2o_iovec_init(text.data(), text.size());
}

class BareServer {
 public:
  explicit BareServer(size_t answer_bytes)
      : body_("{\"fill\":\"" + std::string(answer_bytes, 'x') + "\"}"), loop_(h2o_evloop_create()) {
    h2o_config_init(&config_);
    h2o_hostconf_t* host =
        h2o_config_register_host(&config_, h2o_iovec_init(H2O_STRLIT("default")), 65535);
    auto* entry = reinterpret_cast<Entry*>(
        h2o_create_handler(h2o_config_register_path(host, "/", 0), sizeof(Entry)));
    entry->handler.on_req = on_request;
    entry->server = this;
    h2o_context_init(&context_, loop_, &config_);
    accept_.ctx = &context_;
    accept_.hosts = config_.hosts;
  }

  // Returns the port.
  uint16_t listen() {
    int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* any = reinterpret_cast<sockaddr*>(&address);
    socklen_t length = sizeof address;
    HW_CHECK(::bind(fd, any, length) == 0 && ::listen(fd, kBacklog) == 0, "a loopback port");
    HW_CHECK(::getsockname(fd, any, &length) == 0, "a bound socket has a name");
    h2o_socket_t* listener = h2o_evloop_socket_create(loop_, fd, H2O_SOCKET_FLAG_DONT_READ);
    listener->data = this;
    h2o_socket_read_start(listener, on_accept);
    return ntohs(address.sin_port);
  }

  [[noreturn]] void run() {
    while (true) h2o_evloop_run(loop_, INT32_MAX);
  }

 private:
  struct Entry {
    h2o_handler_t handler;
    BareServer* server;
  };

  static void on_accept(h2o_socket_t* listener, const char* error) {
    if (error != nullptr) return;
    auto* server = static_cast<BareServer*>(listener->data);
    while (h2o_socket_t* socket = h2o_evloop_socket_accept(listener)) {
      h2o_accept(&server->accept_, socket);
    }
  }

  static int on_request(h2o_handler_t* self, h2o_req_t* req) {
    BareServer* server = reinterpret_cast<Entry*>(self)->server;
    const bool good = server->walk({req->entity.base, req->entity.len});
    req->res.status = good ? 201 : 400;
    req->res.reason = good ? "Created" : "Bad Request";
    req->res.content_length = server->body_.size();
    h2o_add_header(&req->pool, &req->res.headers, H2O_TOKEN_CONTENT_TYPE, nullptr,
                   H2O_STRLIT("application/json"));
    h2o_iovec_t body = view(server->body_);
    h2o_start_response(req, &server->nothing_more_);
    h2o_send(req, &body, 1, H2O_SEND_STATE_FINAL);
    return 0;
  }

  // Every member is read, as whoever makes a task of it must.
  bool walk(std::string_view text) {
    namespace od = simdjson::ondemand;
    padded_.assign(text);
    padded_.append(simdjson::SIMDJSON_PADDING, '\0');
    od::document document;
    if (parser_.iterate(padded_.data(), text.size(), padded_.size()).get(document)) return false;
    od::object object;
    if (document.get_object().get(object)) return false;
    for (auto member : object) {
      std::string_view value;
      if (simdjson::to_json_string(member.value()).get(value)) return false;
      seen_bytes_ += value.size();
    }
    return true;
  }

  simdjson::ondemand::parser parser_;
  std::string padded_;
  size_t seen_bytes_ = 0;
  std::string body_;
  h2o_evloop_t* loop_;
  h2o_globalconf_t config_{};
  h2o_context_t context_{};
  h2o_accept_ctx_t accept_{};
  h2o_generator_t nothing_more_{};  // a whole answer has no next chunk
};

}  // namespace
}  // namespace hourwheel

int main(int argc, char** argv) {
  size_t answer_bytes = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 400;
  hourwheel::BareServer server(answer_bytes);
  std::printf("listening on 127.0.0.1:%u\n", unsigned{server.listen()});
  std::fflush(stdout);
  server.run();
}
