// The verbs of `db`: data folders and backups, looked at and copied without asking a server's
// leave, but for a backup of one that runs.
#pragma once

#include <cstdint>
#include <string>

#include "tools/hourwheel/connection.h"
#include "tools/hourwheel/output_format.h"

namespace hourwheel {

class Verb;

enum class DbVerb : uint8_t { kCheck, kBackup, kRestore, kGiveUp };

struct DbOptions {
  DbVerb verb = DbVerb::kCheck;
  std::string data_dir = "data";               // all but kRestore
  std::string to;                              // kBackup, kRestore
  std::string from;                            // kRestore
  ServerChoice server;                         // kBackup, when one uses the folder
  bool quiet = false;                          // kBackup
  OutputFormat output = OutputFormat::kTable;  // kCheck
};

// Adds `db` with its verbs; which one was said is found in options.verb after the parse.
Verb add_db(Verb app, DbOptions& options);

}  // namespace hourwheel
