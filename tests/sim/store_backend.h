// What a simulated store works on: the real one over a faulty disk, or plain maps. Synchronous; the
// order of work and its time are SimStore's.
#pragma once

#include <memory>
#include <vector>

#include "engine/message.h"

namespace hourwheel {

class StoreBackend {
 public:
  virtual ~StoreBackend() = default;
  virtual RecoveredShard recovered() = 0;
  // Durable when it returns without an error. kStorageLow: nothing of it is stored, it can be tried
  // again. After another error the process must stop (C-22).
  virtual Status commit(const Batch& batch) = 0;
  virtual Fetched fetch(std::vector<FetchOne> asked) = 0;
  // After an error the process must stop.
  virtual Result<Scanned> scan(const ScanRequest& range) = 0;
  virtual Result<QueryAnswer> query(const Query& query) = 0;
  // A quantum of work nobody waits for. After an error the process must stop.
  virtual Status background(Instant now) = 0;
};

}  // namespace hourwheel
