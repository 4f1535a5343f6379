#include "api/chunked_body.h"

#include <utility>

namespace hourwheel {

HttpResponse ChunkedBody::take() {
  HttpResponse response;
  response.content_type = content_type_;
  response.body = std::exchange(text_, {});
  return response;
}

void ChunkedBody::give(Calls& calls, Call& call) {
  if (call.streaming) return calls.stream_chunk(call, std::exchange(text_, {}));
  calls.stream(call, take());
}

void ChunkedBody::finish(Calls& calls, Call& call) {
  if (call.streaming) return calls.finish_stream(call, std::exchange(text_, {}));
  calls.respond(call, take());
}

void ChunkedBody::refuse(Calls& calls, Call& call, Error error) {
  if (!call.streaming) return calls.refuse(call, std::move(error));
  calls.cut_stream(call);
}

}  // namespace hourwheel
