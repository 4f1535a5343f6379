#include <cstdio>

#include "net/system_clock.h"
#include "tools/hourwheel/allocator.h"
#include "tools/hourwheel/cron_command.h"
#include "tools/hourwheel/db_commands.h"
#include "tools/hourwheel/key_commands.h"
#include "tools/hourwheel/options.h"
#include "tools/hourwheel/pause_commands.h"
#include "tools/hourwheel/server.h"
#include "tools/hourwheel/task_commands.h"

int main(int argc, char** argv) {
  using namespace hourwheel;  // NOLINT(google-build-using-namespace): main alone
  Options options = parse_options(argc, argv);
  if (auto* finished = std::get_if<Finished>(&options)) return finished->exit_code;
  if (auto* served = std::get_if<ServeOptions>(&options)) {
    keep_free_memory_for_a_moment();
    return serve(*served);
  }
  if (auto* task = std::get_if<TaskOptions>(&options)) return run_task_command(*task);
  if (auto* cron = std::get_if<CronOptions>(&options)) {
    return run_cron_command(*cron, SystemClock().now().utc);
  }
  if (auto* db = std::get_if<DbOptions>(&options)) {
    return run_db_command(*db, SystemClock().now().utc);
  }
  if (auto* key = std::get_if<KeyOptions>(&options)) {
    return run_key_command(*key, SystemClock().now().utc);
  }
  if (auto* config = std::get_if<ConfigOptions>(&options)) return run_config_command(*config);
  if (auto* pause = std::get_if<PauseOptions>(&options)) return run_pause_command(*pause);
  std::printf("hourwheel %s\n", HW_VERSION);
  return 0;
}
