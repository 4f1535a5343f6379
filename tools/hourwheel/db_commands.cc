#include "tools/hourwheel/db_commands.h"

#include <poll.h>
#include <unistd.h>

#include <cinttypes>
#include <cstdio>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "api/json_reader.h"
#include "api/json_writer.h"
#include "store/backup_folder.h"
#include "store/folder_check.h"
#include "tools/hourwheel/answer_text.h"
#include "tools/hourwheel/api_client.h"
#include "tools/hourwheel/progress.h"
#include "tools/hourwheel/regular_file.h"

namespace hourwheel {
namespace {

constexpr int kDamaged = 1;
constexpr int kNotDone = 2;
constexpr int kLookAgainMs = 200;

int tell(const Error& error) {
  std::fprintf(stderr, "hourwheel: %s\n", error.detail.c_str());
  return error.code == ErrorCode::kCorrupt ? kDamaged : kNotDone;
}

// A table of the files, then each damaged row; how many there are.
uint64_t print_reports(const std::vector<FileReport>& reports) {
  std::printf("%-14s %12s %12s %12s %12s %12s %12s %8s\n", "FILE", "DEFINITIONS", "STATES", "DUE",
              "RUN LOG", "DEAD", "ANSWERS", "DAMAGED");
  uint64_t damaged = 0;
  for (const FileReport& report : reports) {
    const std::string name = std::filesystem::path(report.path).filename();
    std::printf("%-14s %12" PRIu64 " %12" PRIu64 " %12" PRIu64 " %12" PRIu64 " %12" PRIu64
                " %12" PRIu64 " %8" PRIu64 "\n",
                name.c_str(), report.definitions, report.states, report.places, report.log_rows,
                report.dead_letters, report.kept_answers, report.damaged);
    damaged += report.damaged;
  }
  for (const FileReport& report : reports) {
    for (const DamagedRow& row : report.rows) {
      std::printf("%s: %s %" PRIu64 ": %s\n", report.path.c_str(), row.table.c_str(), row.row,
                  row.what.c_str());
    }
    if (report.damaged > report.rows.size()) {
      std::printf("%s: and %" PRIu64 " more\n", report.path.c_str(),
                  report.damaged - report.rows.size());
    }
  }
  return damaged;
}

// What is found in a damaged row need not be UTF-8, and JSON is.
void write_found(JsonWriter& json, const char* name, const std::string& text) {
  json.name(name);
  json.string(is_valid_utf8(text) ? text : "not UTF-8");
}

void write_report(JsonWriter& json, const FileReport& report) {
  json.begin_object();
  write_found(json, "file", std::filesystem::path(report.path).filename().string());
  const std::pair<const char*, uint64_t> counts[] = {{"definitions", report.definitions},
                                                     {"states", report.states},
                                                     {"due", report.places},
                                                     {"run_log", report.log_rows},
                                                     {"dead", report.dead_letters},
                                                     {"answers", report.kept_answers},
                                                     {"audit", report.audit_entries},
                                                     {"damaged", report.damaged}};
  for (const auto& [name, count] : counts) {
    json.name(name);
    json.count(count);
  }
  json.name("rows");
  json.begin_array();
  for (const DamagedRow& row : report.rows) {
    json.begin_object();
    write_found(json, "table", row.table);
    json.name("row");
    json.count(row.row);
    write_found(json, "what", row.what);
    json.end_object();
  }
  json.end_array();
  json.end_object();
}

// How many rows are damaged.
uint64_t print_reports_for_programs(const std::vector<FileReport>& reports, OutputFormat format) {
  uint64_t damaged = 0;
  std::string text;
  for (const FileReport& report : reports) {
    damaged += report.damaged;
    if (!text.empty()) text += format == OutputFormat::kJson ? ',' : '\n';
    if (format == OutputFormat::kName) {
      text += std::filesystem::path(report.path).filename().string();
      continue;
    }
    JsonWriter json(text);
    write_report(json, report);
  }
  if (format == OutputFormat::kJson) {
    text = "{\"damaged\":" + std::to_string(damaged) + ",\"files\":[" + text + "]}";
  }
  std::printf("%s\n", text.c_str());
  return damaged;
}

int check(const DbOptions& options) {
  auto folder = DataFolder::open(options.data_dir);
  if (!folder) return tell(folder.error());
  auto reports = check_folder(**folder);
  if (!reports) return tell(reports.error());
  const bool for_people =
      options.output == OutputFormat::kTable || options.output == OutputFormat::kWide;
  const uint64_t damaged =
      for_people ? print_reports(*reports) : print_reports_for_programs(*reports, options.output);
  return damaged == 0 ? kOk : kDamaged;
}

// --- backup ---

bool exists(const std::string& path) {
  return ::access(path.c_str(), F_OK) == 0;
}

// The copies that a server makes of the shard files, under names of its own making. One gets its
// name when it is whole; until then it is called NAME.part.
class ServerCopies {
 public:
  ServerCopies(const DbOptions& options, std::string prefix, const Terminal& terminal)
      : prefix_(std::move(prefix)),
        shards_(count_shards(options.data_dir)),
        progress_(terminal, {options.quiet, bytes_of(options.data_dir), "MiB"}) {}

  [[nodiscard]] uint32_t count() const { return shards_; }
  [[nodiscard]] std::string name(uint32_t shard) const {
    return prefix_ + "." + std::to_string(shard);
  }

  void show() {
    uint64_t bytes = 0;
    for (uint32_t shard = 0; shard < shards_; ++shard) {
      bytes +=
          exists(name(shard)) ? bytes_of_file(name(shard)) : bytes_of_file(name(shard) + ".part");
    }
    progress_.show({bytes, bytes >> 20});
  }

  Status await() {
    for (uint32_t shard = 0; shard < shards_; ++shard) {
      while (!exists(name(shard)) && exists(name(shard) + ".part")) {
        show();
        ::poll(nullptr, 0, kLookAgainMs);
      }
      if (exists(name(shard))) continue;
      return failure(ErrorCode::kIo, "", "the server did not write " + name(shard));
    }
    return {};
  }

 private:
  static uint32_t count_shards(const std::string& folder) {
    uint32_t shards = 0;
    while (exists(folder + "/" + shard_file_name(shards))) ++shards;
    return shards;
  }
  [[nodiscard]] uint64_t bytes_of(const std::string& folder) const {
    uint64_t bytes = 0;
    for (uint32_t shard = 0; shard < shards_; ++shard) {
      bytes += bytes_of_file(folder + "/" + shard_file_name(shard));
    }
    return bytes;
  }

  std::string prefix_;
  uint32_t shards_;
  Progress progress_;
};

Status copy_through_server(const DbOptions& options, const std::string& to,
                           const Terminal& terminal) {
  const std::string prefix = to + "/copy";
  ServerCopies copies(options, prefix, terminal);
  std::string body;
  JsonWriter json(body);
  json.begin_object();
  json.name("path");
  json.string(prefix);
  json.end_object();
  auto connection = find_access(options.server);
  if (!connection) return failure(std::move(connection.error()));
  const std::string url = connection->url;
  ApiRequest request{"POST", "/v1/admin/backup", body};
  request.meanwhile = [&copies] { copies.show(); };
  auto answer = ApiClient(std::move(*connection)).call(request);
  if (!answer) return failure(std::move(answer.error()));
  // 503: it goes on without an answer.
  if (answer->status != 200 && answer->status != 503) {
    return failure(ErrorCode::kStateConflict, "",
                   url + " refuses: " + answer->body.substr(0, answer->body.find('\0')));
  }
  if (Status whole = copies.await(); !whole) return whole;
  for (uint32_t shard = 0; shard < copies.count(); ++shard) {
    const std::string name = copies.name(shard);
    if (std::rename(name.c_str(), (to + "/" + shard_file_name(shard)).c_str()) != 0) {
      return failure(ErrorCode::kIo, "", "cannot rename " + name);
    }
  }
  return copy_beside_server(options.data_dir, to);
}

Status copy_folder(const DbOptions& options, const std::string& to, const Terminal& terminal) {
  auto folder = DataFolder::open(options.data_dir);
  if (folder) return copy_closed_folder(**folder, to);
  const bool in_use = folder.error().detail.find("in use") != std::string::npos;
  return in_use ? copy_through_server(options, to, terminal) : failure(std::move(folder.error()));
}

// What the copies hold, row by row.
Result<std::vector<FileReport>> check_copies(const std::string& folder) {
  std::vector<FileReport> reports;
  for (uint32_t shard = 0; exists(folder + "/" + shard_file_name(shard)); ++shard) {
    auto report = check_shard_file(folder + "/" + shard_file_name(shard), shard);
    if (!report) return failure(std::move(report.error()));
    reports.push_back(std::move(*report));
  }
  auto system = check_system_file(folder + "/system.db");
  if (!system) return failure(std::move(system.error()));
  reports.push_back(std::move(*system));
  return reports;
}

int back_up(const DbOptions& options, const Terminal& terminal) {
  const Instant now = terminal.now();
  const std::string to = std::filesystem::absolute(options.to);
  if (!exists(options.data_dir + "/system.db")) {
    return tell({ErrorCode::kNotFound, "", options.data_dir + " is no data folder"});
  }
  if (Status made = make_backup_folder(to); !made) return tell(made.error());
  if (Status copied = copy_folder(options, to, terminal); !copied) return tell(copied.error());
  auto reports = check_copies(to);
  if (!reports) return tell(reports.error());
  const uint64_t damaged = print_reports(*reports);
  // Taken before the copies were begun: a restore must not take too little for sent.
  auto manifest = seal_backup(to, now);
  if (!manifest) return tell(manifest.error());
  uint64_t bytes = 0;
  for (const BackupFile& file : manifest->files) bytes += file.bytes;
  std::printf("%zu files, %" PRIu64 " bytes in %s\n", manifest->files.size(), bytes, to.c_str());
  return damaged == 0 ? kOk : kDamaged;
}

// --- restore ---

int restore(const DbOptions& options, Instant now) {
  auto manifest = verify_backup(options.from);
  if (!manifest) return tell(manifest.error());
  Status done = restore_backup(*manifest, options.from, options.to, now);
  if (!done) return tell(done.error());
  auto reports = check_copies(options.to);
  if (!reports) return tell(reports.error());
  const uint64_t damaged = print_reports(*reports);
  std::printf("restored to %s; runs due up to now may have been sent before, and are flagged\n",
              options.to.c_str());
  return damaged == 0 ? kOk : kDamaged;
}

int give_up(const DbOptions& options, Instant now) {
  auto files = give_up_lost_commits(options.data_dir, now);
  if (!files) return tell(files.error());
  for (const std::string& file : *files) {
    std::printf("%s goes on from before the damage in its log\n", file.c_str());
  }
  if (files->empty()) std::printf("no log has lost changes; nothing was changed\n");
  return kOk;
}

}  // namespace

int run_db_command(const DbOptions& options, const Terminal& terminal) {
  switch (options.verb) {
    case DbVerb::kCheck:
      return check(options);
    case DbVerb::kBackup:
      return back_up(options, terminal);
    case DbVerb::kRestore:
      return restore(options, terminal.now());
    case DbVerb::kGiveUp:
      return give_up(options, terminal.now());
  }
  return kNotDone;
}

}  // namespace hourwheel
