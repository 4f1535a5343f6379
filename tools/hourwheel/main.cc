#include <cstdio>

#include "tools/hourwheel/allocator.h"
#include "tools/hourwheel/answer_text.h"
#include "tools/hourwheel/ask.h"
#include "tools/hourwheel/audit_commands.h"
#include "tools/hourwheel/bench_command.h"
#include "tools/hourwheel/context_commands.h"
#include "tools/hourwheel/cron_command.h"
#include "tools/hourwheel/crontab_command.h"
#include "tools/hourwheel/db_commands.h"
#include "tools/hourwheel/doctor_command.h"
#include "tools/hourwheel/follow_command.h"
#include "tools/hourwheel/key_commands.h"
#include "tools/hourwheel/options.h"
#include "tools/hourwheel/pause_commands.h"
#include "tools/hourwheel/run_commands.h"
#include "tools/hourwheel/secret_commands.h"
#include "tools/hourwheel/server.h"
#include "tools/hourwheel/server_commands.h"
#include "tools/hourwheel/shell_commands.h"
#include "tools/hourwheel/task_commands.h"
#include "tools/hourwheel/terminal.h"

namespace hourwheel {
namespace {

int run(int argc, char** argv) {
  Options options = parse_options(argc, argv);
  if (auto* finished = std::get_if<Finished>(&options)) return finished->exit_code;
  if (auto* served = std::get_if<ServeOptions>(&options)) {
    keep_free_memory_for_a_moment();
    return serve(*served);
  }
  end_on_interrupt();
  SystemTerminal terminal;
  if (auto* task = std::get_if<TaskOptions>(&options)) return run_task_command(*task, terminal);
  if (auto* run = std::get_if<RunOptions>(&options)) return run_run_command(*run, terminal);
  if (auto* cron = std::get_if<CronOptions>(&options)) {
    return run_cron_command(*cron, terminal.now());
  }
  if (auto* db = std::get_if<DbOptions>(&options)) return run_db_command(*db, terminal);
  if (auto* doctor = std::get_if<DoctorOptions>(&options)) {
    return run_doctor_command(*doctor, terminal);
  }
  if (auto* bench = std::get_if<BenchOptions>(&options)) return run_bench_command(*bench, terminal);
  if (auto* key = std::get_if<KeyOptions>(&options)) return run_key_command(*key, terminal);
  if (auto* secret = std::get_if<SecretOptions>(&options)) {
    return run_secret_command(*secret, terminal);
  }
  if (auto* config = std::get_if<ConfigOptions>(&options)) return run_config_command(*config);
  if (auto* pause = std::get_if<PauseOptions>(&options)) return run_pause_command(*pause, terminal);
  if (auto* server = std::get_if<ServerOptions>(&options)) {
    return run_server_command(*server, terminal);
  }
  if (auto* follow = std::get_if<FollowOptions>(&options)) {
    return run_follow_command(*follow, terminal);
  }
  if (auto* incoming = std::get_if<ImportOptions>(&options)) {
    return run_crontab_import(*incoming, terminal);
  }
  if (auto* audit = std::get_if<AuditOptions>(&options)) return run_audit_command(*audit, terminal);
  if (auto* context = std::get_if<ContextOptions>(&options)) {
    return run_context_command(*context, terminal);
  }
  if (auto* shell = std::get_if<ShellOptions>(&options)) {
    return run_shell_command(*shell, verb_table());
  }
  return print_version(std::get<VersionOptions>(options));
}

}  // namespace
}  // namespace hourwheel

int main(int argc, char** argv) {
  const int code = hourwheel::run(argc, argv);
  // Where a list was cut off by a full disk, whoever reads the file must not take it for whole.
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return code;
  const int failed = hourwheel::complain("the output cannot be written", hourwheel::kFailure);
  return code == hourwheel::kOk ? failed : code;
}
