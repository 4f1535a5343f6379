// A store as plain as can be: it answers from the ledger of what is durable. Cheaper than the real
// one by far, so most of the worlds a quick run visits are built on it.
#pragma once

#include "tests/sim/ledger.h"
#include "tests/sim/store_backend.h"

namespace hourwheel {

class ModelStore : public StoreBackend {
 public:
  explicit ModelStore(const Ledger& ledger) : ledger_(ledger) {}

  RecoveredShard recovered() override { return ledger_.recovered(); }
  Status commit(const Batch&) override;  // the ledger keeps it
  Fetched fetch(std::vector<FetchOne> asked) override;
  Result<Scanned> scan(const ScanRequest& range) override;
  Result<QueryAnswer> query(const Query& query) override;
  Status background(Instant) override { return {}; }
  // Nothing can be committed.
  void set_full(bool full) { full_ = full; }

 private:
  [[nodiscard]] Result<StoredTask> fetch_one(const FetchOne& one) const;

  const Ledger& ledger_;
  bool full_ = false;
};

}  // namespace hourwheel
