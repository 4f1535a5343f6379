// load_generator: sends a scenario's requests to a server and prints what it measured. Exits with 0
// when every request was answered with 2xx, 1 otherwise, 2 when the command line is wrong.
#include <cstdio>

#include "tools/load/load_options.h"
#include "tools/load/load_run.h"

int main(int argc, char** argv) {
  using namespace hourwheel;
  LoadCommand command = parse_load_command(argc, argv);
  if (!command.options) {
    return command.exit_code;
  }
  LoadRun run(*command.options);
  if (Status status = run.run(); !status) {
    std::fprintf(stderr, "load_generator: %s\n", status.error().detail.c_str());
    return 2;
  }
  std::printf("%s", run.report().to_table().c_str());
  if (command.options->print_json) {
    std::printf("%s\n", run.report().to_json().c_str());
  }
  return run.report().clean() ? 0 : 1;
}
