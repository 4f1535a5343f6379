// The space of a server's data folder, which a test takes away and gives back: by the preloaded
// library anywhere, or by a volume of its own with a file in the way, where mounting is permitted.
// Thread: one.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "tests/support/power_cut/power_cut.h"

namespace hourwheel {

class ScarceSpace {
 public:
  virtual ~ScarceSpace() = default;
  // Only so many bytes are left from now on.
  virtual void leave(uint64_t bytes) = 0;
  // As much as at first.
  virtual void give_back() = 0;
};

class BudgetSpace final : public ScarceSpace {
 public:
  BudgetSpace(PowerCut& disk, uint64_t bytes) : disk_(disk), bytes_(bytes) { give_back(); }
  void leave(uint64_t bytes) override { disk_.leave_free(static_cast<int64_t>(bytes)); }
  void give_back() override { disk_.leave_free(static_cast<int64_t>(bytes_)); }

 private:
  PowerCut& disk_;
  const uint64_t bytes_;
};

// A tmpfs, mounted over the folder.
class MountedSpace final : public ScarceSpace {
 public:
  // Nothing where mounting is not permitted.
  static std::unique_ptr<MountedSpace> mount(const std::string& folder, uint64_t bytes);
  explicit MountedSpace(std::string folder) : folder_(std::move(folder)) {}
  ~MountedSpace() override;
  MountedSpace(const MountedSpace&) = delete;
  MountedSpace& operator=(const MountedSpace&) = delete;

  void leave(uint64_t bytes) override;
  void give_back() override;

 private:
  [[nodiscard]] std::string filler() const { return folder_ + "/filler"; }

  const std::string folder_;
};

}  // namespace hourwheel
