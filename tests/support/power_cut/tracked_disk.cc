#include "tests/support/power_cut/tracked_disk.h"

#include <sys/stat.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "engine/base/check.h"

namespace hourwheel {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kSector = 512;

std::string read_file(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  HW_CHECK(stream.good(), "a file of the folder can be read");
  std::ostringstream text;
  text << stream.rdbuf();
  return std::move(text).str();
}

struct stat look_at(const std::string& path) {
  struct stat found {};
  HW_CHECK(::stat(path.c_str(), &found) == 0, "a file of the folder can be looked at");
  return found;
}

std::vector<std::string> names_in(const std::string& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) names.push_back(fs::relative(entry.path(), folder).string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

tl::unexpected<Error> past_the_library(const std::string& what) {
  return failure(ErrorCode::kInternal, "", what + ": something was written past the library");
}

}  // namespace

Cut draw_cut(Random& random) {
  const uint64_t drawn = random.below(100);
  if (drawn < 20) return {Survival::kNothing, 0};
  if (drawn < 35) return {Survival::kEverything, 0};
  if (drawn < 50) return {Survival::kInOrder, 0};
  return {Survival::kScattered, static_cast<uint32_t>(5 + random.below(91))};
}

TrackedDisk::TrackedDisk(const std::string& folder) {
  for (const std::string& name : names_in(folder)) {
    const struct stat found = look_at(folder + "/" + name);
    by_inode_[found.st_ino] = files_.size();
    durable_names_[name] = files_.size();
    files_.push_back({read_file(folder + "/" + name), {}, found.st_mode & 07777U});
  }
}

TrackedDisk::File& TrackedDisk::file_of(uint64_t inode) {
  auto found = by_inode_.find(inode);
  HW_CHECK(found != by_inode_.end(), "B1 no file is opened that nobody has created");
  return files_[found->second];
}

// --- the log ---

void TrackedDisk::replay(std::string_view log) {
  DiskRecord record{};
  while (log.size() >= sizeof(record)) {
    std::memcpy(&record, log.data(), sizeof(record));
    if (log.size() < sizeof(record) + record.size) return;
    obey(record, log.substr(sizeof(record), record.size));
    log.remove_prefix(sizeof(record) + record.size);
    last_ = record;
  }
}

void TrackedDisk::obey(const DiskRecord& record, std::string_view bytes) {
  switch (record.deed) {
    case DiskDeed::kCreate:
      by_inode_[record.inode] = files_.size();  // inodes of files that are gone are used again
      change_name({DiskDeed::kCreate, std::string(bytes), "", files_.size()});
      files_.emplace_back();
      return;
    case DiskDeed::kWrite:
      file_of(record.inode).pending.push_back({record.offset, std::string(bytes), false});
      return;
    case DiskDeed::kTruncate:
      file_of(record.inode).pending.push_back({record.offset, "", true});
      return;
    case DiskDeed::kFlush: {
      File& file = file_of(record.inode);
      for (const Write& write : file.pending) apply(write, file.durable);
      file.pending.clear();
      return;
    }
    case DiskDeed::kRename: {
      const size_t end = bytes.find('\0');
      change_name({DiskDeed::kRename, std::string(bytes.substr(0, end)),
                   std::string(bytes.substr(end + 1)), by_inode_.at(record.inode)});
      return;
    }
    case DiskDeed::kUnlink:
      change_name({DiskDeed::kUnlink, std::string(bytes), "", by_inode_.at(record.inode)});
      return;
    case DiskDeed::kFlushFolder:
      for (const NameChange& change : name_changes_) apply(change, durable_names_);
      name_changes_.clear();
      return;
  }
}

void TrackedDisk::change_name(NameChange change) {
  name_changes_.push_back(std::move(change));
}

void TrackedDisk::apply(const NameChange& change, Names& names) {
  if (change.deed != DiskDeed::kCreate) names.erase(change.name);
  if (change.deed == DiskDeed::kCreate) names[change.name] = change.file;
  if (change.deed == DiskDeed::kRename) names[change.second] = change.file;
}

void TrackedDisk::apply(const Write& write, std::string& bytes) {
  if (write.truncates) return bytes.resize(write.offset);
  const size_t end = write.offset + write.bytes.size();
  if (bytes.size() < end) bytes.resize(end);
  std::memcpy(bytes.data() + write.offset, write.bytes.data(), write.bytes.size());
}

TrackedDisk::Names TrackedDisk::live_names() const {
  Names names = durable_names_;
  for (const NameChange& change : name_changes_) apply(change, names);
  return names;
}

std::string TrackedDisk::live(const File& file) {
  std::string bytes = file.durable;
  for (const Write& write : file.pending) apply(write, bytes);
  return bytes;
}

uint64_t TrackedDisk::unflushed_bytes() const {
  uint64_t sum = 0;
  for (const File& file : files_) {
    for (const Write& write : file.pending) sum += write.bytes.size();
  }
  return sum;
}

// --- what the folder says ---

Status TrackedDisk::reconcile(const std::string& folder) {
  if (Status done = reconcile_names(folder); !done) return done;
  for (const auto& [name, index] : live_names()) {
    const std::string path = folder + "/" + name;
    files_[index].mode = look_at(path).st_mode & 07777U;
    if (Status done = reconcile_file(name, index, read_file(path)); !done) return done;
  }
  last_.reset();
  return {};
}

Status TrackedDisk::reconcile_names(const std::string& folder) {
  const std::vector<std::string> found = names_in(folder);
  auto differs = [&] {
    const Names live = live_names();
    return !std::equal(
        live.begin(), live.end(), found.begin(), found.end(),
        [](const auto& ours, const std::string& name) { return ours.first == name; });
  };
  if (!differs()) return {};
  const bool last_is_name =
      last_ && (last_->deed == DiskDeed::kRename || last_->deed == DiskDeed::kUnlink);
  if (last_is_name && !name_changes_.empty()) {
    name_changes_.pop_back();
    if (!differs()) return {};
  }
  const Names live = live_names();
  for (const std::string& name : found) {
    const struct stat is = look_at(folder + "/" + name);
    if (live.contains(name) || is.st_size > 0) continue;
    by_inode_[is.st_ino] = files_.size();
    change_name({DiskDeed::kCreate, name, "", files_.size()});
    files_.push_back({"", {}, is.st_mode & 07777U});
    break;
  }
  if (differs()) return past_the_library("other names than the log says");
  return {};
}

Status TrackedDisk::reconcile_file(const std::string& name, size_t index,
                                   const std::string& found) {
  File& file = files_[index];
  if (live(file) == found) return {};
  const bool was_last = last_ && !file.pending.empty() && by_inode_[last_->inode] == index &&
                        (last_->deed == DiskDeed::kWrite || last_->deed == DiskDeed::kTruncate);
  if (!was_last) return past_the_library(name + " differs");
  // The last deed was done in part: what is in its range is as the folder has it.
  const Write done = std::move(file.pending.back());
  file.pending.pop_back();
  const size_t end = std::min<size_t>(found.size(), done.offset + done.bytes.size());
  if (!done.truncates && done.offset < end) {
    file.pending.push_back({done.offset, found.substr(done.offset, end - done.offset), false});
  }
  if (live(file) != found) return past_the_library(name + " differs beside the last write");
  return {};
}

// --- the cut ---

void TrackedDisk::write_image(const Cut& cut, Random& random, const std::string& folder) const {
  Names names = durable_names_;
  size_t happened = 0;
  if (cut.survival == Survival::kEverything) happened = name_changes_.size();
  if (cut.survival == Survival::kInOrder || cut.survival == Survival::kScattered) {
    happened = random.below(name_changes_.size() + 1);
  }
  for (size_t i = 0; i < happened; ++i) apply(name_changes_[i], names);
  for (const auto& entry : fs::directory_iterator(folder)) fs::remove_all(entry.path());
  for (const auto& [name, index] : names) {
    const std::string path = folder + "/" + name;
    fs::create_directories(fs::path(path).parent_path());
    const std::string bytes = left_of(files_[index], cut, random);
    std::ofstream(path, std::ios::binary)
        .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    ::chmod(path.c_str(), files_[index].mode);
  }
}

std::string TrackedDisk::left_of(const File& file, const Cut& cut, Random& random) {
  switch (cut.survival) {
    case Survival::kNothing:
      return file.durable;
    case Survival::kEverything:
      return live(file);
    case Survival::kInOrder:
      break;
    case Survival::kScattered:
      return scattered(file, cut, random);
  }
  std::string bytes = file.durable;
  const size_t whole = random.below(file.pending.size() + 1);
  for (size_t i = 0; i < whole; ++i) apply(file.pending[i], bytes);
  if (whole == file.pending.size()) return bytes;
  Write torn = file.pending[whole];
  const uint64_t sectors = torn.bytes.size() / kSector + 1;
  // Up to the boundary of a sector of the file, not of the write.
  const uint64_t end = (torn.offset / kSector + random.below(sectors)) * kSector;
  if (torn.truncates || end <= torn.offset) return bytes;
  torn.bytes.resize(std::min<size_t>(torn.bytes.size(), end - torn.offset));
  apply(torn, bytes);
  return bytes;
}

// For each sector the number of writes that it has seen is drawn; a sector with all of them is as
// the process left it.
std::string TrackedDisk::scattered(const File& file, const Cut& cut, Random& random) {
  std::string bytes = file.durable;
  std::vector<size_t> lengths{bytes.size()};
  for (const Write& write : file.pending) {
    const size_t end = write.offset + write.bytes.size();
    lengths.push_back(write.truncates ? write.offset : std::max(lengths.back(), end));
  }
  bytes.resize(*std::max_element(lengths.begin(), lengths.end()));
  auto for_each_sector = [&](const Write& write, auto visit) {
    const uint64_t end = write.truncates ? bytes.size() : write.offset + write.bytes.size();
    for (uint64_t at = write.offset; at < end;) {
      const uint64_t next = std::min(end, (at / kSector + 1) * kSector);
      visit(at / kSector, at, next);
      at = next;
    }
  };
  std::map<uint64_t, uint32_t> writes_left;  // by sector: first all, then those that survive
  for (const Write& write : file.pending) {
    for_each_sector(write, [&](uint64_t sector, uint64_t, uint64_t) { ++writes_left[sector]; });
  }
  for (auto& [sector, count] : writes_left) {
    if (!random.chance(cut.percent)) count = static_cast<uint32_t>(random.below(count));
  }
  for (const Write& write : file.pending) {
    for_each_sector(write, [&](uint64_t sector, uint64_t from, uint64_t to) {
      uint32_t& left = writes_left[sector];
      if (left == 0) return;
      --left;
      if (write.truncates) {
        std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(from),
                  bytes.begin() + static_cast<std::ptrdiff_t>(to), '\0');
      } else {
        std::memcpy(bytes.data() + from, write.bytes.data() + (from - write.offset), to - from);
      }
    });
  }
  bytes.resize(lengths[random.below(lengths.size())]);
  return bytes;
}

}  // namespace hourwheel
