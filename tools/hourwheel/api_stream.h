// GET of what has no end, read when it suits: beside other requests, without a thread of its own
// (libcurl). Between two calls of read() the bytes wait in the kernel.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "engine/base/time.h"
#include "tools/hourwheel/connection.h"

namespace hourwheel {

enum class StreamState : uint8_t {
  kOpening,  // no answer yet
  kOpen,
  kRefused,  // the server has no such stream, or none for this key
  kBroken    // it has ended, or did not begin; it may be begun again
};

class ApiStream {
 public:
  using Taker = std::function<void(std::string_view bytes)>;

  explicit ApiStream(ServerAccess to);
  ~ApiStream();
  ApiStream(const ApiStream&) = delete;
  ApiStream& operator=(const ApiStream&) = delete;

  // Ends what was begun before.
  void begin(const std::string& path);
  // Gives the bytes of a 200 that are there; without any it waits for some, at most so long.
  // Requires: it was begun.
  StreamState read(Duration longest, const Taker& take);

 private:
  struct Transfer;
  ServerAccess to_;
  std::unique_ptr<Transfer> transfer_;
};

}  // namespace hourwheel
