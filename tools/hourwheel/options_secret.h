// The verbs of `secret`.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tools/hourwheel/connection.h"
#include "tools/hourwheel/output_format.h"

namespace hourwheel {

class Verb;

enum class SecretVerb : uint8_t { kSet, kList, kDelete };

struct SecretOptions {
  SecretVerb verb = SecretVerb::kList;
  std::string data_dir;  // kList, kDelete; given: a folder that no server uses
  ServerChoice server;
  std::string name;
  bool yes = false;  // kDelete
  // kSet; the value itself is on no command line, which others may read
  std::string from_file;  // "-": standard input; empty: whoever sits at the terminal is asked
  std::vector<std::string> hosts;
  bool any_host = false;
  std::string keep_previous;  // a duration
  OutputFormat output = OutputFormat::kTable;
};

// Adds `secret` with its verbs; which one was said is found in options.verb after the parse.
Verb add_secret(Verb app, SecretOptions& options);

}  // namespace hourwheel
