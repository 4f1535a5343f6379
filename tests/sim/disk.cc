#include "tests/sim/disk.h"

#include "tests/sim/model_store.h"

namespace hourwheel {
namespace {

// The ledger itself is the disk: a batch is in it or it is not.
class ModelDisk : public Disk {
 public:
  explicit ModelDisk(const Ledger& ledger) : store_(ledger) {}
  StoreBackend& open() override { return store_; }
  void close_clean() override {}
  bool crash(const Batch*, Crash) override {
    store_.set_full(false);
    return false;
  }
  void arm_fault(Random&) override {}
  void limit_space(std::optional<uint64_t> bytes) override { store_.set_full(bytes.has_value()); }
  void heal() override { store_.set_full(false); }
  bool died() override { return false; }
  void compare() override {}

 private:
  ModelStore store_;
};

}  // namespace

std::unique_ptr<Disk> make_model_disk(const Ledger& ledger) {
  return std::make_unique<ModelDisk>(ledger);
}

}  // namespace hourwheel
