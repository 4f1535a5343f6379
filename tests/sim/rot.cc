#include "tests/sim/rot.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "engine/base/check.h"
#include "store/folder_check.h"
#include "store/log_scan.h"
#include "tests/sim/real_disk.h"
#include "tests/sim/recorded_workload.h"

namespace hourwheel {
namespace {

constexpr uint64_t kDiskSeed = 2;
constexpr uint64_t kMostFailures = 5;
constexpr const char* kLog = "shard.db-wal";
constexpr size_t kFoldEach = 3;
constexpr size_t kFrame = LogScan::kFrameHeadBytes + size_t{16 * 1024};
constexpr int kDraws = 20;  // of a place that holds more than zeros, of which a file has many

using Images = std::map<std::string, std::string>;

// One place in one file, and what becomes of it there.
struct Damage {
  std::string file;
  size_t begin = 0;
  std::string bytes;  // what stands there now
  std::string what;   // in words
};

bool is_blank(const std::string& bytes, size_t sector) {
  const auto begin = bytes.begin() + static_cast<ptrdiff_t>(sector);
  const auto end = begin + static_cast<ptrdiff_t>(std::min(kSector, bytes.size() - sector));
  return std::all_of(begin, end, [](char byte) { return byte == '\0'; });
}

size_t draw_place(const std::string& bytes, Random& random) {
  size_t at = random.below(bytes.size());
  for (int i = 0; i < kDraws && is_blank(bytes, at / kSector * kSector); ++i) {
    at = random.below(bytes.size());
  }
  return at;
}

Damage draw_damage(const Images& images, Random& random) {
  std::vector<const Images::value_type*> filled;
  for (const auto& image : images) {
    if (!image.second.empty()) filled.push_back(&image);
  }
  const auto& [name, bytes] = *filled[random.below(filled.size())];
  const size_t at = draw_place(bytes, random);
  const std::string where = name + " at " + std::to_string(at);
  if (random.chance(60)) {
    const auto turned = static_cast<char>(bytes[at] ^ (1 << random.below(8)));
    return {name, at, std::string(1, turned), "a bit of " + where};
  }
  const size_t begin = at / kSector * kSector;
  const size_t count = std::min(kSector, bytes.size() - begin);
  if (random.chance(50)) return {name, begin, std::string(count, '\0'), "zeros in " + where};
  const size_t from = random.below(bytes.size() / kSector) * kSector;
  return {name, begin, bytes.substr(from, count),
          "the bytes of " + std::to_string(from) + " in " + where};
}

void write_files(const Images& images, const std::filesystem::path& folder) {
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  for (const auto& [name, bytes] : images) {
    std::ofstream(folder / name, std::ios::binary) << bytes;
  }
}

// One damaged file, read in every way.
class Reading {
 public:
  Reading(const Ledger& ledger, ShardStore& store) : ledger_(ledger), store_(store) {}

  void run() {
    for (const auto& [number, task] : ledger_.tasks()) {
      read_task(task);
      if (ledger_.live(task.key) != nullptr) read_runs(*ledger_.live(task.key));
    }
    list_tasks();
    for (const auto& [scope, answer] : ledger_.answers()) recall(answer);
    read_audit();
    if (store_.recovered().counter < ledger_.recovered().counter) ++lost_;
    for (bool more = true; more;) {
      auto quantum = store_.background(Instant{});
      if (!quantum) ++named_;
      more = quantum && *quantum;
    }
  }
  // Something was given that is not so.
  [[nodiscard]] const std::string& lie() const { return lie_; }
  [[nodiscard]] bool lost() const { return lost_ > 0; }
  [[nodiscard]] bool named() const { return named_ > 0 || store_.damage().has_value(); }

 private:
  void note(const Error& error) { ++(error.code == ErrorCode::kNotFound ? lost_ : named_); }

  void read_task(const Ledger::Task& task) {
    auto fetched = store_.fetch({{task.key, {}}});
    const auto& found = fetched.found.front();
    const Ledger::Task* live = ledger_.live(task.key);
    if (live == nullptr) {
      if (found) ++lost_;  // its end is
      return;
    }
    if (!found) return note(found.error());
    if (found->state == live->state && found->spec == live->spec) return;
    // A state whose row cannot be found by its number any more: the one before it is read.
    if (ledger_.was_durable(found->state)) return void(++lost_);
    lie_ = "task " + std::to_string(live->number.value) + " is read as it is not";
  }

  void read_runs(const Ledger::Task& task) {
    ListRuns list;
    list.key = task.key;
    list.limit = 500;
    const Result<QueryAnswer> answer = answer_to(list);
    if (!answer) return note(answer.error());
    const auto& records = std::get<RunPage>(*answer).records;
    const std::set<uint64_t> may_be_gone = ledger_.may_be_gone(task);
    size_t there = 0;
    for (const RunRecord& record : records) {
      const auto real = std::find_if(task.runs.begin(), task.runs.end(), [&](const auto& run) {
        return run.second.key == record.key && run.second.state == record.state &&
               run.second.attempt == record.attempt && run.second.recorded == record.recorded;
      });
      if (real == task.runs.end()) {
        lie_ = "a run of task " + std::to_string(task.number.value) + " that never was";
      } else if (!may_be_gone.contains(real->first)) {
        ++there;
      }
    }
    const size_t expected = task.runs.size() - may_be_gone.size();
    if (there < std::min<size_t>(expected, list.limit)) ++lost_;
  }

  Result<QueryAnswer> answer_to(Query query) {
    RunningQuery running;
    running.query = std::move(query);
    for (;;) {
      if (auto answer = store_.query(running)) return std::move(*answer);
    }
  }

  void recall(const KeptAnswer& answer) {
    const Result<QueryAnswer> found = answer_to(Recall{answer.key.scope});
    if (!found) return void(++named_);
    const auto& recalled = std::get<Recalled>(*found);
    if (recalled.failed) return note(*recalled.failed);
    if (!recalled.answer) return void(++lost_);
    if (!Ledger::same(*recalled.answer, answer)) lie_ = "an answer is read as it was not given";
  }

  // What is read are entries that were written, in their order.
  void read_audit() {
    ListAudit list;
    list.limit = 1'000;
    size_t left = ledger_.audit().size();
    do {
      const Result<QueryAnswer> answer = answer_to(list);
      if (!answer) return note(answer.error());
      const auto& page = std::get<AuditPage>(*answer);
      named_ += page.damage.size();
      for (const AuditEntry& entry : page.entries) {
        while (left > 0 && !Ledger::same(ledger_.audit()[left - 1], entry)) --left, ++lost_;
        if (left == 0) return void(lie_ = "the audit log tells of what never was");
        --left;
      }
      list.before = page.next;
    } while (list.before != 0);
    lost_ += left;
  }

  void list_tasks() {
    ListTasks list;
    list.limit = 1'000;
    const Result<QueryAnswer> answer = answer_to(list);
    if (!answer) return void(++named_);
    size_t live = 0;
    for (const auto& [number, task] : ledger_.tasks()) live += task.has_spec ? 1 : 0;
    const auto& page = std::get<TaskPage>(*answer);
    if (page.tasks.size() != live) ++lost_;
  }

  const Ledger& ledger_;
  ShardStore& store_;
  std::string lie_;
  uint64_t lost_ = 0;
  uint64_t named_ = 0;
};

// From where on no frame shows any more that what is before it had been flushed: the last one
// before `last_commit` that writes kMarkPage, or the one before that if its head lies in two
// sectors, and so proves nothing by itself (log_scan.h).
size_t last_mark(const std::string& log, size_t last_commit) {
  HW_CHECK(last_commit > LogScan::kHeaderBytes, "the last commit did not begin the log anew");
  size_t at = LogScan::kHeaderBytes + (last_commit - LogScan::kHeaderBytes) / kFrame * kFrame;
  const std::string mark{0, 0, 0, static_cast<char>(LogScan::kMarkPage)};
  while (at > LogScan::kHeaderBytes && log.compare(at -= kFrame, mark.size(), mark) != 0) {
  }
  const bool in_one_sector = at % kSector + LogScan::kFrameHeadBytes <= kSector;
  return in_one_sector ? at : at - kFrame;
}

// What the workload leaves.
struct Left {
  Images images;
  size_t torn_from = 0;  // of the log: damage from here on looks like a torn write (log_scan.h)
};

class Rot {
 public:
  explicit Rot(std::filesystem::path folder) : folder_(std::move(folder)) {
    HW_CHECK(disk_.try_open().has_value(), "nothing fails here");
    std::string log;
    for (const RecordedBatch& recorded : record_workload()) {
      trace_.at(recorded.now);
      const bool folds = ledger_.tasks().size() % kFoldEach == 0;
      if (folds) HW_CHECK(disk_.store().background(recorded.now).has_value(), "nothing fails");
      log = disk_.vfs().images()[kLog];
      HW_CHECK(disk_.store().commit(*recorded.batch).has_value(), "nothing fails here");
      ledger_.apply(*recorded.batch);
    }
    killed_.images = disk_.vfs().images();
    const std::string& whole = killed_.images[kLog];
    const auto differs = std::mismatch(log.begin(), log.end(), whole.begin(), whole.end()).first;
    const auto last_commit = static_cast<size_t>(differs - log.begin());
    killed_.torn_from = last_mark(whole, last_commit);
    disk_.close_clean();
    stopped_.images = disk_.vfs().images();
  }

  void one(uint64_t seed, RotSum& sum) {
    Random random(seed);
    const Left& left = random.chance(50) ? stopped_ : killed_;
    const Damage damage = draw_damage(left.images, random);
    Images images = left.images;
    images[damage.file].replace(damage.begin, damage.bytes.size(), damage.bytes);
    const bool torn = damage.file == kLog && damage.begin + damage.bytes.size() > left.torn_from;
    const std::string why = look_at(images, torn, sum);
    if (why.empty()) return;
    std::printf("%s: C-23 %s\n  replay: sim --rot=1 --from=%llu\n", damage.what.c_str(),
                why.c_str(), shown(seed));
    ++sum.failed;
  }

 private:
  // What is wrong; else the sum has it.
  std::string look_at(const Images& images, bool torn, RotSum& sum) {
    write_files(images, folder_);
    ShardStoreOptions options;
    options.path = (folder_ / "shard.db").string();
    options.log.age_max = hours(24 * 36'500);
    auto store = ShardStore::open(options);
    if (!store) {
      ++sum.refused;
      const bool says_where = store.error().detail.find(options.path) != std::string::npos;
      return says_where ? "" : "the refusal names no file: " + store.error().detail;
    }
    Reading reading(ledger_, **store);
    reading.run();
    const bool named = reading.named();
    store->reset();
    if (!reading.lie().empty()) return reading.lie();
    const bool known = named || (reading.lost() && the_check_finds_it(images, options.path));
    if (reading.lost() && !known && !torn) return "something is missing, and nothing knows of it";
    ++(known ? sum.named : reading.lost() ? sum.torn : sum.harmless);
    return "";
  }

  bool the_check_finds_it(const Images& images, const std::string& path) {
    write_files(images, folder_);
    auto report = check_shard_file(path, 0);
    return !report || report->damaged > 0;
  }

  std::filesystem::path folder_;
  Trace trace_{Trace::Show::kNothing};
  Ledger ledger_{trace_};
  RealDisk disk_{ledger_, trace_, 0, kDiskSeed};
  Left stopped_;
  Left killed_;
};

}  // namespace

RotSum run_rot(const RotShare& share) {
  std::string folder = std::filesystem::temp_directory_path() / "hourwheel-rot-XXXXXX";
  HW_CHECK(mkdtemp(folder.data()) != nullptr, "there is room for temporary files");
  RotSum sum;
  {
    Rot rot(std::filesystem::path(folder) / "data");
    for (uint64_t i = share.share; i < share.count && sum.failed < kMostFailures;
         i += share.processes) {
      rot.one(share.from + i, sum);
    }
  }
  std::filesystem::remove_all(folder);
  std::printf("%llu harmless, %llu refused at the start, %llu named, %llu as a torn write\n",
              shown(sum.harmless), shown(sum.refused), shown(sum.named), shown(sum.torn));
  return sum;
}

}  // namespace hourwheel
