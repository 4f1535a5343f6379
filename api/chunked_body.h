// The body of an answer of unknown length, given chunk by chunk. The head leaves with the first
// one, so that a refusal until then has a status of its own; afterwards the answer is cut: nobody
// must take it for whole.
//
// Thread: the reactor's own.
#pragma once

#include <string>

#include "api/calls.h"

namespace hourwheel {

class ChunkedBody {
 public:
  explicit ChunkedBody(std::string content_type) : content_type_(std::move(content_type)) {}

  // What is to leave next; the owner appends.
  [[nodiscard]] std::string& text() { return text_; }
  [[nodiscard]] bool full() const { return text_.size() >= kChunkBytes; }

  // Lets it leave; on_writable says when there may be more.
  void give(Calls& calls, Call& call);
  // The same, and nothing follows.
  void finish(Calls& calls, Call& call);
  static void refuse(Calls& calls, Call& call, Error error);

 private:
  static constexpr size_t kChunkBytes = 64 * 1024;
  HttpResponse take();

  std::string content_type_;
  std::string text_;
};

}  // namespace hourwheel
