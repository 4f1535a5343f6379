#include "tools/hourwheel/crontab_report.h"

#include <array>
#include <cstdint>

namespace hourwheel {
namespace {

enum class Fate : uint8_t { kAsItIs, kOtherwise, kRefused };

struct Part {
  Fate fate;
  const char* title;
};
constexpr std::array kParts = {Part{Fate::kAsItIs, "Taken as they are"},
                               Part{Fate::kOtherwise, "Taken, and something is otherwise here"},
                               Part{Fate::kRefused, "Not taken"}};

constexpr const char* kForAll =
    "\nFor all lines\n"
    "  Commands are not run here: each run sends its command to the task's target.\n"
    "  What came due while no server ran: cron forgets it; here the newest missed instant is run "
    "once (misfire).\n"
    "  While a run goes on: cron starts another beside it; here one waits, further ones are "
    "skipped "
    "(overlap).\n"
    "  Where clocks are changed: as cron does it (\"dst\":\"cron\").\n";

Fate fate_of(const CrontabTask& task) {
  if (!task.refusal.empty()) return Fate::kRefused;
  return task.remarks.empty() ? Fate::kAsItIs : Fate::kOtherwise;
}

size_t count(const std::vector<CrontabTask>& tasks, Fate fate) {
  size_t found = 0;
  for (const CrontabTask& task : tasks) found += fate_of(task) == fate ? 1 : 0;
  return found;
}

void append_task(std::string& out, const CrontabEntry& entry, const CrontabTask& task) {
  out += "  line " + std::to_string(entry.line) + ": " + entry.written + "\n";
  if (!task.refusal.empty()) {
    out += "      " + task.refusal + "\n";
    return;
  }
  out += "      " + task.id + ": " + task.meaning + "\n";
  for (const std::string& remark : task.remarks) out += "      " + remark + "\n";
}

void append_settings(std::string& out, const std::vector<CrontabSetting>& settings) {
  if (settings.empty()) return;
  out += "\nSettings\n";
  for (const CrontabSetting& setting : settings) {
    const std::string remark = remark_on(setting);
    out += "  line " + std::to_string(setting.line) + ": " + setting.name + "=" + setting.value +
           ": " + (remark.empty() ? "is the zone of the lines below" : remark) + "\n";
  }
}

}  // namespace

std::string crontab_report(const Crontab& crontab, const std::vector<CrontabTask>& tasks) {
  std::string out = std::to_string(tasks.size()) + (tasks.size() == 1 ? " line" : " lines") +
                    " that start a command: " + std::to_string(count(tasks, Fate::kAsItIs)) +
                    " taken as they are, " + std::to_string(count(tasks, Fate::kOtherwise)) +
                    " with something otherwise, " + std::to_string(count(tasks, Fate::kRefused)) +
                    " not taken\n";
  for (const Part& part : kParts) {
    if (count(tasks, part.fate) == 0) continue;
    out.append("\n").append(part.title).append("\n");
    for (size_t i = 0; i < tasks.size(); ++i) {
      if (fate_of(tasks[i]) == part.fate) append_task(out, crontab.entries[i], tasks[i]);
    }
  }
  append_settings(out, crontab.settings);
  return out + kForAll;
}

}  // namespace hourwheel
