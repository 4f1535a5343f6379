// Where the attempts of `bench` arrive: a receiver of webhooks (libevent's evhttp) that answers 200
// and keeps in a ledger how late each came. What comes while it does not serve waits in the kernel,
// and would count as late: it is to serve whenever something is due.
//
// Thread: one that may wait.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "engine/base/result.h"
#include "engine/base/time.h"
#include "net/address.h"
#include "tools/hourwheel/interrupt.h"
#include "tools/sink/sink_ledger.h"

struct event;
struct event_base;
struct evhttp;
struct evhttp_request;

namespace hourwheel {

class BenchSink {
 public:
  // "127.0.0.1:0"; port 0 takes a free one.
  static Result<std::unique_ptr<BenchSink>> listen(const std::string& where);
  // Only for listen(): it does nothing yet.
  BenchSink();
  ~BenchSink();
  BenchSink(const BenchSink&) = delete;
  BenchSink& operator=(const BenchSink&) = delete;

  // Where it really listens.
  [[nodiscard]] const Address& address() const { return address_; }
  [[nodiscard]] SinkLedger& ledger() { return ledger_; }

  // Until so many runs are in the ledger, the time is over, or a signal came.
  void serve(uint64_t runs, Duration longest, const Interrupt& interrupt);

 private:
  struct Free {
    void operator()(event_base* base) const;
    void operator()(evhttp* http) const;
    void operator()(event* registered) const;
  };

  void take(evhttp_request& request);

  std::unique_ptr<event_base, Free> base_;
  std::unique_ptr<evhttp, Free> http_;
  std::unique_ptr<event, Free> end_;  // of serve()
  Address address_;
  SinkLedger ledger_;
  uint64_t awaited_ = 0;  // runs
};

}  // namespace hourwheel
