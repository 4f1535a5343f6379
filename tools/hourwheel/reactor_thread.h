// One reactor with everything that lives on its thread, and the hand-shake by which the main thread
// starts it: build (all reactors, so that each can be read by the others' metrics page), then
// listen (the first one finds the port), then run until ordered to stop.
//
// Thread: start(), await_*() and join() are the main thread's.
#pragma once

#include <future>
#include <memory>
#include <thread>
#include <vector>

#include "net/io.h"
#include "net/listener.h"
#include "net/switchboard.h"
#include "store/store_thread.h"
#include "tools/hourwheel/server_state.h"

namespace hourwheel {

struct ReactorPlan {
  uint32_t index = 0;
  IoBackend io = IoBackend::kAuto;
  ConnectionLimits connections;
  std::vector<uint32_t> shards;  // those it owns
};

class ReactorThread {
 public:
  ReactorThread(ReactorPlan plan, ServerState& state);
  ~ReactorThread();

  void start();
  // Ready to listen; or why it could not be built.
  Status await_built();
  // Opens its listener; the address has the port that was bound.
  Result<Address> listen(const ListenPlace& place);
  void join();

 private:
  class Body;
  void main();

  ReactorPlan plan_;
  ServerState& state_;
  std::promise<Status> built_;
  std::promise<ListenPlace> place_;
  std::promise<Result<Address>> listening_;
  std::thread thread_;
};

}  // namespace hourwheel
