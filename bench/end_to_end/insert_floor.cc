// The floor of what is written down: rows of the size and shape of ours put into the same tables by
// one prepared statement and nothing else, in transactions of the same size, each flushed.
//
//   insert_floor FILE task|run ROWS_PER_COMMIT BYTES_PER_ROW SECONDS    prints one line of JSON
//
// `task` inserts definitions (a seed of kSeedBytes, the rest is the spec) and so into the index of
// ids, whose keys ascend as those of generated ids do; `run` appends to the run log. SQLite works
// as in store/database.cc: WAL, synchronous=FULL, one exclusive connection, a checkpoint every 8
// MiB.
#include <sqlite3.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>

#include "engine/base/check.h"
#include "store/schema.h"
#include "tools/wire/clock.h"
#include "tools/wire/latency_percentiles.h"

namespace hourwheel {
namespace {

constexpr size_t kSeedBytes = 60;
constexpr size_t kKeyBytes = 16;

int64_t cpu_us() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1'000'000 + usage.ru_utime.tv_usec +
         usage.ru_stime.tv_usec;
}

// What this process has had written to files so far; pages of the log and of its checkpoints.
int64_t written_bytes() {
  std::ifstream file("/proc/self/io");
  int64_t bytes = 0;
  for (std::string name; file >> name >> bytes;) {
    if (name == "write_bytes:") return bytes;
  }
  return 0;
}

class Floor {
 public:
  Floor(const std::string& path, bool tasks, size_t row_bytes)
      : tasks_(tasks), bytes_(row_bytes, 'r') {
    HW_CHECK(sqlite3_open(path.c_str(), &connection_) == SQLITE_OK, "the file can be made");
    execute("PRAGMA locking_mode=EXCLUSIVE; PRAGMA page_size=16384; PRAGMA cache_size=-65536");
    execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=512");
    for (std::string_view step : shard_schema()) execute(std::string(step));
    execute(
        "CREATE TABLE run_1(seq INTEGER PRIMARY KEY, number INTEGER NOT NULL, row BLOB NOT NULL)");
    insert_ = prepare(tasks ? "INSERT INTO definition VALUES(?,?,?,?,?)"
                            : "INSERT INTO run_1 VALUES(?,?,?)");
    begin_ = prepare("BEGIN IMMEDIATE");
    commit_ = prepare("COMMIT");
  }
  ~Floor() {
    for (sqlite3_stmt* statement : {insert_, begin_, commit_}) sqlite3_finalize(statement);
    sqlite3_close(connection_);
  }
  Floor(const Floor&) = delete;
  Floor& operator=(const Floor&) = delete;

  void commit(size_t rows) {
    step(begin_);
    for (size_t i = 0; i < rows; ++i) insert();
    step(commit_);
  }

 private:
  void insert() {
    ++number_;
    sqlite3_bind_int64(insert_, 1, number_);
    if (tasks_) {
      std::array<char, kKeyBytes> key{};
      for (size_t i = 0; i < 8; ++i) key[i] = static_cast<char>(number_ >> (56 - 8 * i));
      sqlite3_bind_blob(insert_, 2, key.data(), kKeyBytes, SQLITE_TRANSIENT);
      sqlite3_bind_int64(insert_, 3, 1'800'000'000'000 + number_);
      sqlite3_bind_blob(insert_, 4, bytes_.data(), kSeedBytes, SQLITE_STATIC);
      sqlite3_bind_blob(insert_, 5, bytes_.data(), static_cast<int>(bytes_.size() - kSeedBytes),
                        SQLITE_STATIC);
    } else {
      sqlite3_bind_int64(insert_, 2, number_ * 7919 % 1'000'000);
      sqlite3_bind_blob(insert_, 3, bytes_.data(), static_cast<int>(bytes_.size()), SQLITE_STATIC);
    }
    step(insert_);
  }
  sqlite3_stmt* prepare(const char* sql) {
    sqlite3_stmt* statement = nullptr;
    HW_CHECK(sqlite3_prepare_v3(connection_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement,
                                nullptr) == SQLITE_OK,
             "a statement on a table that is there");
    return statement;
  }
  static void step(sqlite3_stmt* statement) {
    HW_CHECK(sqlite3_step(statement) == SQLITE_DONE, "the disk has room");
    sqlite3_reset(statement);
  }
  void execute(const std::string& sql) {
    HW_CHECK(sqlite3_exec(connection_, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK,
             "the schema is SQL");
  }

  const bool tasks_;
  const std::string bytes_;
  int64_t number_ = 0;
  sqlite3* connection_ = nullptr;
  sqlite3_stmt* insert_ = nullptr;
  sqlite3_stmt* begin_ = nullptr;
  sqlite3_stmt* commit_ = nullptr;
};

void measure(Floor& floor, size_t rows_per_commit, double seconds) {
  LatencyPercentiles latency;
  const int64_t cpu_began = cpu_us();
  const int64_t written_began = written_bytes();
  const int64_t began = monotonic_us();
  const auto length = static_cast<int64_t>(seconds * 1e6);
  uint64_t commits = 0;
  int64_t now = began;
  while (now - began < length) {
    floor.commit(rows_per_commit);
    const int64_t then = monotonic_us();
    latency.add(then - now);
    now = then;
    ++commits;
  }
  const auto rows = static_cast<double>(commits * rows_per_commit);
  std::printf(
      "{\"commits\":%llu,\"rows_per_second\":%.1f,\"cpu_us_per_row\":%.3f,"
      "\"written_per_row\":%.1f,\"p50\":%.3f,\"p99\":%.3f}\n",
      static_cast<unsigned long long>(commits), rows * 1e6 / static_cast<double>(now - began),
      static_cast<double>(cpu_us() - cpu_began) / rows,
      static_cast<double>(written_bytes() - written_began) / rows,
      static_cast<double>(latency.percentile(0.5)) / 1000,
      static_cast<double>(latency.percentile(0.99)) / 1000);
}

}  // namespace
}  // namespace hourwheel

int main(int argc, char** argv) {
  const std::string kind = argc == 6 ? argv[2] : "";
  if (kind != "task" && kind != "run") {
    std::fprintf(stderr,
                 "usage: insert_floor FILE task|run ROWS_PER_COMMIT BYTES_PER_ROW SECONDS\n");
    return 2;
  }
  const std::string path = argv[1];
  {
    hourwheel::Floor floor(path, kind == "task", std::strtoul(argv[4], nullptr, 10));
    hourwheel::measure(floor, std::strtoul(argv[3], nullptr, 10), std::strtod(argv[5], nullptr));
  }
  for (const char* suffix : {"", "-wal", "-shm"}) ::unlink((path + suffix).c_str());
  return 0;
}
