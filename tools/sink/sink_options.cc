#include "tools/sink/sink_options.h"

#include <utility>

#include "tools/arguments/command_line.h"

namespace hourwheel {

SinkCommand parse_sink_command(int argc, const char* const* argv) {
  SinkOptions options;
  std::string mode = "ok";
  int64_t delay_ms = 0;
  CommandLine line("Receives webhooks, answers as told, and counts what arrived", "webhook_sink");
  const Verb app = line.top();
  app.add_option("--listen", options.listen, "address and port; port 0 picks a free one");
  app.add_option("--status", options.behaviour.status, "status of the answers").within(200, 599);
  app.add_option("--delay", delay_ms, "milliseconds before an answer").within(0, 3'600'000);
  app.add_option("--mode", mode,
                 "ok, slow, hang, reset, reset_after, garbage, dead, flaky:PERCENT");
  app.add_option("--log", options.log_file, "append a line for each arrival to this file");
  app.add_option("--tls", options.tls,
                 "address and port to listen on with TLS, too, with a certificate made for "
                 "localhost and that address");
  app.add_option("--tls-certificate", options.tls_certificate,
                 "file that the certificate is written to (PEM), for whoever is to trust it")
      .show_default();
  if (const auto refusal = line.read(argc, argv)) return {std::nullopt, explain(*refusal)};
  options.behaviour.delay = milliseconds(delay_ms);
  if (const Status applied = apply_mode(mode, options.behaviour); !applied) {
    return {std::nullopt, explain(line.refuse("--mode", applied.error().detail))};
  }
  return {std::move(options), 0};
}

}  // namespace hourwheel
