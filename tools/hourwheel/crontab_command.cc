#include "tools/hourwheel/crontab_command.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>

#include "engine/schedule/time_zone.h"
#include "tools/hourwheel/answer_text.h"
#include "tools/hourwheel/ask.h"
#include "tools/hourwheel/crontab.h"
#include "tools/hourwheel/crontab_report.h"
#include "tools/hourwheel/crontab_task.h"
#include "tools/hourwheel/read_whole.h"
#include "tools/hourwheel/task_apply.h"

namespace hourwheel {
namespace {

// A crontab means the clock of its machine: TZ, else what /etc/localtime points to.
std::string zone_of_machine() {
  if (const char* zone = std::getenv("TZ"); zone != nullptr && TimeZone::find(zone)) return zone;
  std::error_code unknown;
  const std::string target = std::filesystem::read_symlink("/etc/localtime", unknown).string();
  constexpr std::string_view kFolder = "zoneinfo/";
  const size_t at = target.find(kFolder);
  if (at == std::string::npos) return "UTC";
  std::string name = target.substr(at + kFolder.size());
  return TimeZone::find(name) ? name : "UTC";
}

CrontabForm form_of(const ImportOptions& options) {
  // The system's own crontabs have a user in each line, and nobody should have to know.
  const bool of_system = options.file == "/etc/crontab" || options.file.starts_with("/etc/cron.d/");
  return {options.user_column || of_system,
          options.timezone.empty() ? zone_of_machine() : options.timezone};
}

std::vector<TaskText> texts_of(const std::vector<CrontabTask>& tasks) {
  std::vector<TaskText> texts;
  for (const CrontabTask& task : tasks) {
    if (task.refusal.empty()) texts.push_back({task.id, task.body});
  }
  return texts;
}

// As lines of JSON for `task apply`; the report is a message then.
bool prints_tasks(const ImportOptions& options) {
  return options.output == OutputFormat::kJson || options.output == OutputFormat::kNdjson;
}

bool may_create(const ImportOptions& options, Terminal& terminal, size_t count) {
  if (options.apply) return true;
  if (terminal.facts().can_ask) {
    auto said = terminal.ask("Create or replace " + std::to_string(count) + " tasks? [y/N]");
    if (said && (*said == "y" || *said == "Y" || *said == "yes")) return true;
    std::fprintf(stderr, "nothing was created\n");
    return false;
  }
  std::fprintf(stderr, "nothing was created: --apply creates the tasks, --dry-run is content\n");
  return false;
}

}  // namespace

int run_crontab_import(const ImportOptions& options, Terminal& terminal) {
  auto text = read_whole(options.file);
  if (!text) return complain(text.error().detail, kUsage);
  const CrontabForm form = form_of(options);
  if (auto zone = TimeZone::find(form.timezone); !zone) {
    return complain(zone.error().detail, kUsage);
  }
  const Crontab crontab = read_crontab(*text, form);
  const std::vector<CrontabTask> tasks =
      tasks_of(crontab, {options.prefix, options.url_template}, terminal.now());
  const std::vector<TaskText> texts = texts_of(tasks);
  std::FILE* report = prints_tasks(options) ? stderr : stdout;
  std::fprintf(report, "The zone is %s.\n%s", form.timezone.c_str(),
               crontab_report(crontab, tasks).c_str());
  if (prints_tasks(options)) {
    for (const TaskText& task : texts) std::printf("%s\n", task.body.c_str());
  }
  std::fflush(stdout);
  if (options.dry_run) return kOk;
  if (!may_create(options, terminal, texts.size())) return kFailure;
  auto client = connect(options.server);
  if (!client) return client.error();
  std::fprintf(report, "\n");
  const int code = apply_tasks(*client, texts, {OutputFormat::kTable, terminal});
  if (code != kOk) return code;
  return texts.size() == tasks.size() ? kOk : kFailure;
}

}  // namespace hourwheel
