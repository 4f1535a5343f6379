#include "tests/support/power_cut/power_cut.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "engine/base/check.h"

namespace hourwheel {
namespace {

namespace fs = std::filesystem;

Controls* map_controls(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  HW_CHECK(file >= 0 && ::ftruncate(file, sizeof(Controls)) == 0, "a test needs its controls");
  void* memory = ::mmap(nullptr, sizeof(Controls), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  ::close(file);
  HW_CHECK(memory != MAP_FAILED, "a test needs its controls");
  return static_cast<Controls*>(memory);  // zeros are what its atomics begin with
}

void put_text(std::array<char, 512>& into, const std::string& text) {
  HW_CHECK(text.size() < into.size(), "the folder's path is short");
  std::memcpy(into.data(), text.c_str(), text.size() + 1);
}

}  // namespace

PowerCut::PowerCut(const std::string& folder)
    : folder_(fs::canonical(folder).string()),
      controls_file_(folder_ + ".controls"),
      log_file_(folder_ + ".log"),
      controls_(map_controls(controls_file_)),
      disk_(std::make_unique<TrackedDisk>(folder_)) {
  std::ofstream(log_file_, std::ios::trunc).flush();
  put_text(controls_->folder, folder_);
  put_text(controls_->log, log_file_);
  controls_->free_bytes = kEndlessSpace;
}

PowerCut::~PowerCut() {
  ::munmap(controls_, sizeof(Controls));
  fs::remove(controls_file_);
  fs::remove(log_file_);
}

std::vector<std::string> PowerCut::environment() const {
  // The address sanitizer wants to be the first library; what is interposed calls the kernel.
  const char* options = std::getenv("ASAN_OPTIONS");
  std::string asan = options == nullptr ? "" : std::string(options) + ":";
  return {"LD_PRELOAD=" HW_POWER_CUT, std::string(kControlsVariable) + "=" + controls_file_,
          "ASAN_OPTIONS=" + asan + "verify_asan_link_order=0"};
}

void PowerCut::arm(KillPoint point, int64_t nth) {
  controls_->armed = KillPoint::kNone;
  controls_->died_at = KillPoint::kNone;
  controls_->countdown = nth;
  controls_->armed = point;
}

Status PowerCut::process_ended() {
  controls_->armed = KillPoint::kNone;
  std::ostringstream log;
  log << std::ifstream(log_file_, std::ios::binary).rdbuf();
  disk_->replay(log.view());
  std::ofstream(log_file_, std::ios::trunc).flush();
  return disk_->reconcile(folder_);
}

Cut PowerCut::cut_power(Random& random) {
  const Cut cut = draw_cut(random);
  cut_power(cut, random);
  return cut;
}

void PowerCut::cut_power(const Cut& cut, Random& random) {
  disk_->write_image(cut, random, folder_);
  disk_ = std::make_unique<TrackedDisk>(folder_);
}

}  // namespace hourwheel
