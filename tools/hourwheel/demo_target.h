// Where the attempts of the sample tasks arrive: a receiver on loopback (libevent's evhttp), on the
// loop of the control thread. /ok takes all; /flaky one in three; /gone none, for good.
//
// Thread: the loop's.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "engine/base/result.h"

struct event_base;
struct evhttp;
struct evhttp_request;

namespace hourwheel {

class DemoTarget {
 public:
  // On a free port. The loop outlives it.
  static Result<std::unique_ptr<DemoTarget>> listen(event_base* base);
  // Only for listen().
  explicit DemoTarget(event_base* base);
  ~DemoTarget();
  DemoTarget(const DemoTarget&) = delete;
  DemoTarget& operator=(const DemoTarget&) = delete;

  // "http://127.0.0.1:43210"
  [[nodiscard]] const std::string& url() const { return url_; }

 private:
  struct Free {
    void operator()(evhttp* http) const;
  };

  void take(evhttp_request& request);

  std::unique_ptr<evhttp, Free> http_;
  std::string url_;
  uint64_t flaky_ = 0;  // requests so far
};

}  // namespace hourwheel
