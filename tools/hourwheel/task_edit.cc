#include "tools/hourwheel/task_edit.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string_view>

#include "api/json_writer.h"
#include "tools/hourwheel/answer_text.h"
#include "tools/hourwheel/json_text.h"
#include "tools/hourwheel/read_whole.h"
#include "tools/hourwheel/task_requests.h"
#include "tools/hourwheel/task_writer.h"

namespace hourwheel {
namespace {

constexpr long kOtherVersion = 412;
constexpr Column kEditedColumns[] = {{"ID", "id"}};

// What answers have beside what a client can set. A pause is steered by verbs of its own.
constexpr std::array<std::string_view, 15> kShownOnly = {
    "paused_by",     "state",    "generation", "version",    "next_due_at",
    "backfill",      "last_run", "counts",     "paused",     "schedule_kind",
    "schedule_text", "upcoming", "created_at", "created_by", "updated_at"};

const char* editor() {
  for (const char* name : {"VISUAL", "EDITOR"}) {
    const char* value = std::getenv(name);
    if (value != nullptr && *value != '\0') return value;
  }
  return "vi";
}

// While it lives, ^C and ^\ are for the editor alone: they reach the whole group of the terminal,
// and who presses one in an editor does not want to lose the edit.
class KeysForTheEditor {
 public:
  KeysForTheEditor() {
    struct sigaction ignore {};
    ignore.sa_handler = SIG_IGN;
    sigemptyset(&signals_);
    sigaddset(&signals_, SIGINT);
    sigaddset(&signals_, SIGQUIT);
    sigaction(SIGINT, &ignore, &interrupt_);
    sigaction(SIGQUIT, &ignore, &quit_);
  }
  ~KeysForTheEditor() {
    sigaction(SIGINT, &interrupt_, nullptr);
    sigaction(SIGQUIT, &quit_, nullptr);
  }
  KeysForTheEditor(const KeysForTheEditor&) = delete;
  KeysForTheEditor& operator=(const KeysForTheEditor&) = delete;

  // Those that the editor takes as if it had been started by the shell.
  [[nodiscard]] const sigset_t& signals() const { return signals_; }

 private:
  sigset_t signals_{};
  struct sigaction interrupt_ {};
  struct sigaction quit_ {};
};

// The variable may be a command with arguments, so the shell reads it.
bool edit_file(const std::string& path) {
  std::string command = std::string(editor()) + " \"$1\"";
  std::string shell = "sh";
  std::string option = "-c";
  std::string file = path;
  std::array<char*, 6> arguments = {shell.data(), option.data(), command.data(),
                                    shell.data(), file.data(),   nullptr};
  const KeysForTheEditor keys;
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setsigdefault(&attributes, &keys.signals());
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
  pid_t child = 0;
  const int failed =
      posix_spawn(&child, "/bin/sh", nullptr, &attributes, arguments.data(), environ);
  posix_spawnattr_destroy(&attributes);
  if (failed != 0) return false;
  int status = 0;
  pid_t ended = 0;
  do {
    ended = waitpid(child, &status, 0);
  } while (ended < 0 && errno == EINTR);
  return ended == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

// For the user's eyes only: a payload may be secret. Empty: it cannot be made.
std::string make_file(const std::string& text) {
  const char* folder = std::getenv("TMPDIR");
  std::string path = std::string(folder == nullptr || *folder == '\0' ? "/tmp" : folder) +
                     "/hourwheel-edit-XXXXXX.json";
  constexpr int kSuffix = 5;
  const int file = mkstemps(path.data(), kSuffix);
  if (file < 0) return "";
  const ssize_t written = write(file, text.data(), text.size());
  close(file);
  return written == static_cast<ssize_t>(text.size()) ? path : "";
}

int keep(const std::string& path, int exit_code) {
  std::fprintf(stderr, "hourwheel: your edit is kept in %s\n", path.c_str());
  return exit_code;
}

// An edit of a task, in its file.
struct Edit {
  const std::string& id;
  const std::string& path;
  const std::string& version;  // that was edited
};

int put_edit(ApiClient& client, const Edit& edit, const View& view) {
  const auto& [id, path, version] = edit;
  auto text = read_whole(path);
  if (!text) return complain(text.error().detail, kFailure);
  if (auto json = JsonText::read(*text); !json) {
    return keep(path, complain("that is no JSON: " + json.error().detail, kUsage));
  }
  auto answer = put_task(client, id, *text, version);
  if (!answer) return keep(path, complain(answer.error().detail, kUnreachable));
  if (answer->status == kOtherVersion) {
    complain(id + " was changed by somebody else meanwhile; nothing was written.", kConflict);
    std::fprintf(stderr, "hourwheel: `hourwheel task apply -f %s` writes your edit over theirs\n",
                 path.c_str());
    return keep(path, kConflict);
  }
  if (!answer->is_good()) return keep(path, print_problem(*answer));
  std::remove(path.c_str());
  if (!view.for_people()) return print_object(view, *answer, kEditedColumns);
  std::printf("replaced %s\n", id.c_str());
  return kOk;
}

}  // namespace

std::string editable(const JsonValue& task) {
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  for (auto member = task.first(); member; member = member->next()) {
    if (std::find(kShownOnly.begin(), kShownOnly.end(), member->name()) != kShownOnly.end()) {
      continue;
    }
    json.user_name(member->name());
    json.raw(member->raw());
  }
  json.end_object();
  auto kept = JsonText::read(std::move(text));
  return kept ? indented(kept->top()) + "\n" : "";
}

int run_edit(const TaskOptions& options, ApiClient& client, const View& view) {
  auto answer = ask(client, {"GET", task_path(options.id), ""});
  if (!answer) return answer.error();
  auto task = JsonText::read(std::move(answer->body));
  if (!task) return complain("the server's answer is not JSON", kFailure);
  const std::string version = text_at(task->top(), "version");
  if (version == "-") return complain("the server's answer is no task with a version", kFailure);
  const std::string before = editable(task->top());
  const std::string path = make_file(before);
  if (path.empty()) return complain("cannot make a file to edit", kFailure);
  if (!edit_file(path)) {
    return keep(path, complain(std::string("the editor failed: ") + editor(), kFailure));
  }
  auto after = read_whole(path);
  if (after && *after == before) {
    std::remove(path.c_str());
    std::fprintf(stderr, "nothing was changed\n");
    if (view.for_people()) return kOk;
    return print_object(view, answer_made_here(std::string(task->top().raw())), kEditedColumns);
  }
  return put_edit(client, {options.id, path, version}, view);
}

}  // namespace hourwheel
