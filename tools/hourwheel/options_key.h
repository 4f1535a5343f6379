// The verbs of `key`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/time.h"
#include "tools/hourwheel/connection.h"
#include "tools/hourwheel/output_format.h"

namespace hourwheel {

class Verb;

enum class KeyVerb : uint8_t { kCreate, kList, kRevoke };

struct KeyOptions {
  KeyVerb verb = KeyVerb::kList;
  std::string data_dir;  // given: a folder that no server uses
  ServerChoice server;
  OutputFormat output = OutputFormat::kTable;
  std::string id;    // kRevoke
  bool yes = false;  // kRevoke
  // kCreate
  std::string name;
  std::string role;
  std::vector<std::string> scopes;
  std::vector<std::string> networks;
  std::vector<std::string> labels;  // of its selection; none: it reaches all tasks
  std::string expires;              // an instant, or a duration from now
  std::string rate_limit;           // "100/10s"
  uint32_t max_tasks = 0;           // 0: no bound
};

// Adds `key` with its verbs; which one was said is found in options.verb after the parse.
Verb add_key(Verb app, KeyOptions& options);

}  // namespace hourwheel
