// The options of `serve`, and where each gets its value: a flag, else HOURWHEEL_<NAME> in the
// environment, else `<name>` under [serve] in the configuration file (TOML), else its default.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/limits.h"
#include "tools/hourwheel/log.h"

namespace hourwheel {

class Verb;

enum class IoChoice : uint8_t { kAuto, kUring, kLibevent };

struct ServeOptions {
  std::string listen = "127.0.0.1:8080";
  std::string data_dir = "data";
  IoChoice io = IoChoice::kAuto;
  uint32_t shards = 0;    // 0: as many as cores; only asked when the folder is made
  uint32_t reactors = 0;  // 0: as many as cores, at most one a shard
  bool dev = false;
  bool demo = false;
  bool insecure_no_auth = false;
  bool require_if_match = false;
  std::string signing_secrets;            // a file; empty: that of the data folder
  std::string master_key_file;            // empty: that of the data folder
  std::string trusted_certificates;       // a file; empty: the system's list
  std::string tls_certificate;            // a file; empty: plain HTTP
  std::string tls_key;                    // a file
  std::string tls_client_ca;              // a file; empty: clients need no certificate
  std::string public_url;                 // empty: as it listens
  std::vector<std::string> egress_allow;  // ranges opened to targets beyond the public ones
  uint32_t max_in_flight_per_destination = kMaxRunsPerDestination;  // of each shard
  uint32_t breaker_failures = kBreakerFailures;                     // in a row; 0: no breaker
  uint64_t run_log_bytes = uint64_t{8} << 30;  // of rows kept in each data file
  std::optional<uint64_t> storage_reserve;     // bytes; none: by the size of the volume
  LogFormat log_format = LogFormat::kAuto;
  LogLevel log_level = LogLevel::kInfo;
};

inline constexpr const char* kDefaultConfigFile = "/etc/hourwheel/hourwheel.toml";

// `config print` and `config check`.
enum class ConfigVerb : uint8_t { kPrint, kCheck };
struct ConfigOptions {
  ConfigVerb verb = ConfigVerb::kPrint;
  std::string file;  // empty: the default one, if it is there
};

// Adds `serve`. Its settings come from the environment and a file only when it is what was asked
// for: what is wrong with them is nothing to the other commands. Unknown keys of the file are
// refused.
enum class Settings : uint8_t { kRead, kIgnored };
Verb add_serve(Verb app, ServeOptions& options, Settings settings);
Verb add_config(Verb app, ConfigOptions& options);

// Every option of `serve` with its value and where that comes from, as a configuration file. The
// exit code: 2, with the reason on standard error, when file or environment are wrong.
int run_config_command(const ConfigOptions& options);

}  // namespace hourwheel
