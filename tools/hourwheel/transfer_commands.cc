#include "tools/hourwheel/transfer_commands.h"

#include <poll.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "tools/hourwheel/answer_text.h"
#include "tools/hourwheel/ask.h"
#include "tools/hourwheel/progress.h"
#include "tools/hourwheel/regular_file.h"
#include "tools/hourwheel/task_pieces.h"
#include "tools/hourwheel/task_requests.h"

namespace hourwheel {
namespace {

constexpr long kTooMuch = 413;
constexpr long kBusy = 503;
constexpr int kMaxTries = 10;  // of a piece, or of its lines, that an overloaded server refuses
constexpr Duration kLongestWait = seconds(30);

struct FileCloser {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

uint64_t lines_in(std::string_view bytes) {
  return static_cast<uint64_t>(std::count(bytes.begin(), bytes.end(), '\n'));
}

int export_into(const TaskOptions& options, const Terminal& terminal, std::FILE* file) {
  auto client = connect(options.server);
  if (!client) return client.error();
  const bool other_lines =
      options.server.verbose || (file == stdout && terminal.facts().can_redraw);
  Progress progress(terminal, {options.quiet || other_lines});
  HowFar far;
  auto answer = client->fetch("/v1/tasks:export" + task_query(options.choice), file,
                              [&](std::string_view bytes) {
                                far.count += lines_in(bytes);
                                progress.show(far);
                              });
  progress.clear();
  if (!answer) return complain(answer.error().detail, kUnreachable);
  if (answer->status != 200) return print_problem(*answer);
  if (!answer->broken.empty()) return complain(answer->broken, kFailure);
  return std::fflush(file) == 0 ? kOk : complain("the file cannot be written", kFailure);
}

struct ImportTally {
  uint64_t lines = 0;
  uint64_t created = 0;
  uint64_t replaced = 0;
  uint64_t unchanged = 0;
  uint64_t good = 0;  // of a dry run
  uint64_t failed = 0;
};

class Import {
 public:
  Import(ApiClient client, const TaskOptions& options, const Terminal& terminal, uint64_t bytes)
      : path_("/v1/tasks:import?mode=" + options.mode +
              (options.bulk.dry_run ? "&dry_run=true" : "")),
        dry_run_(options.bulk.dry_run),
        client_(std::move(client)),
        progress_(terminal, {options.quiet || options.server.verbose, bytes}) {}

  int run(std::istream& in) {
    TaskPieces pieces(in);
    for (TaskPiece piece = pieces.next(); !piece.empty(); piece = pieces.next()) {
      for (uint64_t line : piece.too_long) fail(line, "too long for a request of 1 MiB");
      sent_ += piece.body.size();
      if (auto code = send_all(piece, pieces)) {
        tell_end();
        return *code;
      }
      progress_.show({sent_, tally_.lines});
    }
    tell_end();
    if (in.bad()) return complain("the file cannot be read to its end", kFailure);
    return tally_.failed == 0 ? kOk : kFailure;
  }

 private:
  // A key may be allowed fewer operations at once than a piece has lines: then they go, and all
  // that follow, in smaller ones. A code: it cannot go on.
  std::optional<int> send_all(TaskPiece& piece, TaskPieces& pieces) {
    size_t most = piece.lines.size();
    while (!piece.lines.empty()) {
      TaskPiece part = piece.take_front(std::min(most, piece.lines.size()));
      const size_t lines = part.lines.size();
      if (auto code = send_until_taken(part)) return code;
      if (part.lines.empty()) continue;
      most = lines / 2;
      pieces.at_most(most);
      part.body += piece.body;
      part.lines.insert(part.lines.end(), piece.lines.begin(), piece.lines.end());
      piece = std::move(part);
    }
    return std::nullopt;
  }

  // Lines that the server had no room for are sent again; if they are too many for one request,
  // all are left in the piece.
  std::optional<int> send_until_taken(TaskPiece& piece) {
    for (int tries = 1; !piece.lines.empty(); ++tries) {
      ApiRequest request{"POST", path_, piece.body, "application/x-ndjson"};
      request.patience = {kMaxTries - 1, kLongestWait};
      auto answer = client_.call(request);
      if (!answer) return lose(piece, answer.error().detail);
      const bool last = tries == kMaxTries;
      if (answer->status == kTooMuch && piece.lines.size() > 1) return std::nullopt;
      if (answer->status != 200) {
        progress_.clear();
        return print_problem(*answer);
      }
      if (!count_results(*answer, piece, last)) {
        progress_.clear();
        return complain("the server's answer cannot be read", kFailure);
      }
      if (!piece.lines.empty()) wait(answer->retry_after_s);
    }
    return std::nullopt;
  }

  int lose(const TaskPiece& piece, const std::string& why) {
    progress_.clear();
    return complain(why + "\nhourwheel: the lines from " + std::to_string(piece.lines.front()) +
                        " on are perhaps not stored; --mode upsert can repeat the whole file",
                    kUnreachable);
  }

  // As long as the server asks for.
  static void wait(long seconds) {
    static_cast<void>(poll(nullptr, 0, static_cast<int>(std::clamp(seconds, 1L, 30L) * 1000)));
  }

  // What is left in the piece is to be sent again.
  bool count_results(const ApiAnswer& answer, TaskPiece& piece, bool last) {
    auto body = reader_.parse(answer.body);
    if (!body) return false;
    const std::vector<JsonValue> results = members_of(*body, "results");
    if (results.size() != piece.lines.size()) return false;
    TaskPiece again;
    size_t at = 0;
    for (size_t i = 0; i < results.size(); ++i) {
      const size_t end = piece.body.find('\n', at) + 1;
      if (!last && text_at(results[i], "status") == std::to_string(kBusy)) {
        again.body.append(piece.body, at, end - at);
        again.lines.push_back(piece.lines[i]);
      } else {
        count(piece.lines[i], results[i]);
      }
      at = end;
    }
    piece = std::move(again);
    return true;
  }

  void count(uint64_t line, const JsonValue& result) {
    if (auto problem = result.find("problem")) return fail(line, problem_text(*problem));
    ++tally_.lines;
    const std::string effect = text_at(result, "effect");
    if (effect == "created") {
      ++tally_.created;
    } else if (effect == "replaced") {
      ++tally_.replaced;
    } else if (effect == "unchanged") {
      ++tally_.unchanged;
    } else {
      ++tally_.good;
    }
  }

  void fail(uint64_t line, const std::string& why) {
    ++tally_.lines;
    ++tally_.failed;
    progress_.clear();
    std::fprintf(stderr, "line %llu: %s\n", static_cast<unsigned long long>(line), why.c_str());
  }

  static std::string problem_text(const JsonValue& problem) {
    std::string text = text_at(problem, "code") + ": ";
    const std::vector<JsonValue> errors = members_of(problem, "errors");
    if (!errors.empty()) text += text_at(errors.front(), "pointer") + ": ";
    return text + text_at(problem, "detail");
  }

  void tell_end() {
    progress_.clear();
    auto number = [](uint64_t count) { return static_cast<unsigned long long>(count); };
    if (dry_run_) {
      std::fprintf(stderr, "%llu lines: %llu good, %llu failed; a dry run stores nothing\n",
                   number(tally_.lines), number(tally_.good), number(tally_.failed));
      return;
    }
    std::fprintf(stderr, "%llu lines: %llu created, %llu replaced, %llu unchanged, %llu failed\n",
                 number(tally_.lines), number(tally_.created), number(tally_.replaced),
                 number(tally_.unchanged), number(tally_.failed));
  }

  std::string path_;
  bool dry_run_;
  ApiClient client_;
  JsonReader reader_;
  Progress progress_;
  ImportTally tally_;
  uint64_t sent_ = 0;  // bytes
};

}  // namespace

// A file is only there when it is whole.
int run_export(const TaskOptions& options, const Terminal& terminal) {
  if (options.file.empty() || options.file == "-") return export_into(options, terminal, stdout);
  const std::string part = options.file + ".part";
  std::unique_ptr<std::FILE, FileCloser> file(std::fopen(part.c_str(), "wb"));
  if (!file) return complain("cannot write " + part, kFailure);
  const int code = export_into(options, terminal, file.get());
  const bool closed = std::fclose(file.release()) == 0;
  if (code == kOk && closed && std::rename(part.c_str(), options.file.c_str()) == 0) return kOk;
  std::remove(part.c_str());
  return code == kOk ? complain("cannot write " + options.file, kFailure) : code;
}

int run_import(const TaskOptions& options, const Terminal& terminal) {
  auto client = connect(options.server);
  if (!client) return client.error();
  if (options.file == "-") return Import(std::move(*client), options, terminal, 0).run(std::cin);
  std::ifstream file(options.file, std::ios::binary);
  if (!file) return complain("cannot read " + options.file, kFailure);
  return Import(std::move(*client), options, terminal, bytes_of_file(options.file)).run(file);
}

}  // namespace hourwheel
