// The options of `watch`: what happens at a server, line by line.
#pragma once

#include <string>
#include <vector>

#include "tools/hourwheel/connection.h"
#include "tools/hourwheel/output_format.h"

namespace hourwheel {

class Verb;

struct FollowOptions {
  ServerChoice server;
  OutputFormat output = OutputFormat::kTable;
  std::vector<std::string> types;  // empty: all
  std::string task_id;             // empty: of all tasks
};

Verb add_follow(Verb app, FollowOptions& options);

}  // namespace hourwheel
