// What the load generator is asked to do.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/base/time.h"

namespace hourwheel {

enum class Scenario : uint8_t {
  kCreate,  // one task a request
  kBatch,   // many tasks a request
  kGet,     // reads of tasks: of a file of ids, or ones this run has created first
  kList,    // first pages of the list
  kPages,  // the pages of the list one after the other, from the first to the last, again and again
  kWebhook,  // attempts as the server sends them, straight to a sink: what the sink can take
  kDelete,   // the tasks of a file of ids, each once
  kMixed,    // half creates, then reads, replacements, deletes and lists
};

struct LoadOptions {
  std::string server = "127.0.0.1:8080";  // from the URL
  Scenario scenario = Scenario::kCreate;
  uint32_t connections = 64;
  uint64_t count = 0;  // requests to send; 0: until the time is over
  Duration length = seconds(10);
  uint32_t at_once = 0;  // so many requests are out, of all connections in turn; 0: one of each
  uint32_t rate = 0;     // requests a second; 0: each as soon as the one before ended
  uint32_t batch = 100;  // operations of one batch
  Duration due_in = hours(24 * 30);
  std::optional<Instant> due_at;  // instead of due_in
  Duration spread{};              // due instants are drawn evenly from this long after the first
  // Recurring tasks with this schedule, as JSON, in which DUE stands for the drawn due instant;
  // empty: one-time tasks.
  std::string schedule;
  std::string target_url;      // empty: a task whose run is only recorded
  uint32_t target_hosts = 1;   // HOST in the URL stands for one of so many addresses, in turn
  uint32_t payload_bytes = 0;  // 0: no payload
  std::string id_prefix;       // empty: the server makes the ids
  std::string ack_log;         // empty: none
  std::string ids_file;        // of tasks that are there already, an id a line; empty: none
  uint32_t page_size = 100;    // of kPages
  std::string filter;          // of kPages: "state=active&label=team:billing"
  uint64_t seed = 1;
  bool print_json = false;
};

// What the command line asks for: options, or the exit code when it asked for help or was wrong.
struct LoadCommand {
  std::optional<LoadOptions> options;
  int exit_code = 0;
};
LoadCommand parse_load_command(int argc, const char* const* argv);

}  // namespace hourwheel
