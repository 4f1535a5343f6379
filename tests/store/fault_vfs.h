// The real disk, on which a test lets calls fail: a layer over SQLite's own VFS.
//
// Thread: fail() may be called while another thread uses the files.
#pragma once

#include <atomic>
#include <memory>
#include <string>

struct sqlite3_vfs;

namespace hourwheel {

enum class Fault : uint8_t {
  kNone,
  kFull,      // writes find no space
  kQuota,     // ... because of a quota
  kReadOnly,  // ... because the volume was mounted anew
  kFlush,     // flushes fail
  kReading,   // reads fail
};

class FaultVfs {
 public:
  FaultVfs();
  ~FaultVfs();
  FaultVfs(const FaultVfs&) = delete;
  FaultVfs& operator=(const FaultVfs&) = delete;

  [[nodiscard]] const std::string& name() const { return name_; }
  void fail(Fault fault) { fault_ = fault; }
  [[nodiscard]] Fault fault() const { return fault_; }

 private:
  std::string name_;
  std::unique_ptr<sqlite3_vfs> vfs_;
  std::atomic<Fault> fault_ = Fault::kNone;
};

}  // namespace hourwheel
