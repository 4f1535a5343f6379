// How the webhook sink behaves towards those who call it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "engine/base/time.h"

namespace hourwheel {

enum class SinkMode : uint8_t {
  kOk,          // answers with the status
  kSlow,        // answers with the status, but only after the delay
  kHang,        // records the attempt and never answers
  kReset,       // resets the connection as soon as it is called; records nothing
  kResetAfter,  // records the attempt, then resets: the sender cannot know
  kGarbage,     // records the attempt and answers with bytes that are not HTTP
  kDead,        // listens, and never accepts
  kFlaky,       // answers 503 to some percent of the attempts
};

struct SinkBehaviour {
  SinkMode mode = SinkMode::kOk;
  int status = 200;
  Duration delay{};
  unsigned flaky_percent = 0;
};

// Reads "ok", "slow", "flaky:30" ... into the behaviour; slow without a delay gets one second.
Status apply_mode(std::string_view text, SinkBehaviour& behaviour);

struct SinkOptions {
  std::string listen = "127.0.0.1:9000";
  SinkBehaviour behaviour;
  std::string log_file;                      // empty: none
  std::string tls;                           // listens there, too, with TLS; empty: nowhere
  std::string tls_certificate = "sink.pem";  // the file its certificate is written to
};

// What the command line asks for: options, or the exit code when it asked for help or was wrong.
struct SinkCommand {
  std::optional<SinkOptions> options;
  int exit_code = 0;
};
SinkCommand parse_sink_command(int argc, const char* const* argv);

}  // namespace hourwheel
