// The options of `watch`: what happens at a server, line by line.
#pragma once

#include <string>
#include <vector>

#include "tools/hourwheel/connection.h"
#include "tools/hourwheel/output_format.h"

namespace CLI {
class App;
}

namespace hourwheel {

struct FollowOptions {
  ServerChoice server;
  OutputFormat output = OutputFormat::kTable;
  std::vector<std::string> types;  // empty: all
  std::string task_id;             // empty: of all tasks
};

CLI::App* add_follow(CLI::App& app, FollowOptions& options);

}  // namespace hourwheel
