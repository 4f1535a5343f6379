#include "tools/hourwheel/task_apply.h"

#include <array>
#include <cstdio>
#include <string_view>

#include "tools/hourwheel/answer_text.h"
#include "tools/hourwheel/json_text.h"
#include "tools/hourwheel/read_whole.h"
#include "tools/hourwheel/task_writer.h"

namespace hourwheel {
namespace {

constexpr std::array<const char*, 3> kEffects = {"created", "replaced", "unchanged"};

constexpr Column kNames[] = {{"ID", "id"}};

// For programs they are a list like any other.
class AppliedPrinter {
 public:
  explicit AppliedPrinter(const View& view)
      : for_people_(view.for_people()), list_(view, "tasks", kNames) {}

  void take(const std::string& id, const AppliedTask& task) {
    if (for_people_) {
      std::printf("%s %s\n", kEffects[static_cast<size_t>(task.effect)], id.c_str());
      return;
    }
    auto stored = JsonText::read(task.text);
    if (stored) list_.take({none_, {stored->top()}, "", false, false});
  }
  void end() {
    if (!for_people_) list_.take({none_, {}, "", false, true});
  }

 private:
  bool for_people_;
  ListPrinter list_;
  const ApiAnswer none_{};  // that has all of them
};

Error with_place(Error error, size_t number) {
  error.detail = "task " + std::to_string(number) + " of the file: " + error.detail;
  return error;
}

Status add_task(const JsonValue& task, std::vector<TaskText>& tasks) {
  if (!task.is(JsonKind::kObject)) {
    return failure(ErrorCode::kInvalidJson, "", "it is no object");
  }
  auto id = task.find("id");
  if (!id || !id->is(JsonKind::kString) || id->text().empty()) {
    return failure(ErrorCode::kValidationFailed, "", "it has no id");
  }
  tasks.push_back({std::string(id->text()), std::string(task.raw())});
  return {};
}

Status add_all(const std::vector<JsonValue>& rows, std::vector<TaskText>& tasks) {
  for (const JsonValue& row : rows) {
    if (Status added = add_task(row, tasks); !added) {
      return failure(with_place(std::move(added.error()), tasks.size() + 1));
    }
  }
  return {};
}

Status add_lines(std::string_view text, std::vector<TaskText>& tasks) {
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string line(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    auto task = JsonText::read(line);
    if (!task) return failure(with_place(std::move(task.error()), tasks.size() + 1));
    if (Status added = add_all({task->top()}, tasks); !added) return added;
  }
  return {};
}

}  // namespace

Result<std::vector<TaskText>> read_task_texts(const std::string& text) {
  std::vector<TaskText> tasks;
  Status added;
  const size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin != std::string::npos && text[begin] == '[') {
    auto list = JsonText::read("{\"tasks\":" + text + "}");
    if (!list) return failure(std::move(list.error()));
    added = add_all(members_of(list->top(), "tasks"), tasks);
  } else if (auto whole = JsonText::read(text)) {
    added = whole->top().find("tasks") ? add_all(members_of(whole->top(), "tasks"), tasks)
                                       : add_all({whole->top()}, tasks);
  } else {
    added = add_lines(text, tasks);
  }
  if (!added) return failure(std::move(added.error()));
  if (tasks.empty()) return failure(ErrorCode::kValidationFailed, "", "the file has no tasks");
  return tasks;
}

int apply_tasks(ApiClient& client, const std::vector<TaskText>& tasks, const View& view) {
  AppliedPrinter printer(view);
  int code = kOk;
  for (const TaskText& task : tasks) {
    auto applied = apply_task(client, task.id, task.body);
    if (applied) {
      printer.take(task.id, *applied);
      continue;
    }
    std::fprintf(stderr, "hourwheel: %s was not applied\n", task.id.c_str());
    if (code == kOk) code = applied.error();
    if (applied.error() == kUnreachable || applied.error() == kRefused) break;
  }
  printer.end();
  return code;
}

int run_apply(const TaskOptions& options, ApiClient& client, const View& view) {
  auto text = read_whole(options.file);
  if (!text) return complain(text.error().detail, kUsage);
  auto tasks = read_task_texts(*text);
  if (!tasks) return complain(tasks.error().detail, kUsage);
  return apply_tasks(client, *tasks, view);
}

}  // namespace hourwheel
