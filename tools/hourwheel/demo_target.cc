#include "tools/hourwheel/demo_target.h"

#include <event2/buffer.h>
#include <event2/http.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <string_view>

#include "engine/base/check.h"
#include "net/address.h"

namespace hourwheel {
namespace {

constexpr ev_ssize_t kMostHead = 64 * 1024;
constexpr ev_ssize_t kMostBody = 1024 * 1024;
constexpr int kSilentConnectionSeconds = 300;
constexpr uint64_t kTakesOneOf = 3;

void answer(evhttp_request& request, int status, const char* text) {
  evhttp_add_header(evhttp_request_get_output_headers(&request), "Content-Type", "text/plain");
  evbuffer_add(evhttp_request_get_output_buffer(&request), text, std::strlen(text));
  evhttp_send_reply(&request, status, nullptr, nullptr);
}

}  // namespace

void DemoTarget::Free::operator()(evhttp* http) const {
  evhttp_free(http);
}

DemoTarget::DemoTarget(event_base* base) : http_(evhttp_new(base)) {
  HW_CHECK(http_ != nullptr, "libevent made no server");
  evhttp_set_max_headers_size(http_.get(), kMostHead);
  evhttp_set_max_body_size(http_.get(), kMostBody);
  evhttp_set_timeout(http_.get(), kSilentConnectionSeconds);
  evhttp_set_gencb(
      http_.get(),
      [](evhttp_request* request, void* self) { static_cast<DemoTarget*>(self)->take(*request); },
      this);
}

DemoTarget::~DemoTarget() = default;

Result<std::unique_ptr<DemoTarget>> DemoTarget::listen(event_base* base) {
  auto target = std::make_unique<DemoTarget>(base);
  evhttp_bound_socket* socket = evhttp_bind_socket_with_handle(target->http_.get(), "127.0.0.1", 0);
  if (socket == nullptr) {
    return failure(ErrorCode::kIo, "",
                   std::string("the sample tasks have no target: ") + std::strerror(errno));
  }
  SocketAddress bound;
  bound.length = sizeof bound.v4;
  getsockname(evhttp_bound_socket_get_fd(socket), &bound.any, &bound.length);
  const auto address = from_sockaddr(bound.any);
  HW_CHECK(address.has_value(), "a bound socket has an address");
  target->url_ = "http://" + to_text(*address);
  return target;
}

void DemoTarget::take(evhttp_request& request) {
  const std::string_view path = evhttp_request_get_uri(&request);
  if (path == "/gone") return answer(request, 410, "this export was retired\n");
  if (path == "/flaky" && ++flaky_ % kTakesOneOf != 0) return answer(request, 503, "busy\n");
  answer(request, 200, "done\n");
}

}  // namespace hourwheel
