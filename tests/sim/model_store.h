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
  Status commit(const Batch&) override { return {}; }  // the ledger keeps it
  Fetched fetch(std::vector<FetchOne> asked) override;
  Scanned scan(const ScanRequest& range) override;
  Result<QueryAnswer> query(const Query& query) override;
  bool background(Instant) override { return false; }

 private:
  [[nodiscard]] Result<StoredTask> fetch_one(const FetchOne& one) const;

  const Ledger& ledger_;
};

}  // namespace hourwheel
