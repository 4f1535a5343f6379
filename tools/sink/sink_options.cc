// The only file of the sink that is compiled with exceptions: CLI11 reports through them.
#include "tools/sink/sink_options.h"

#include <CLI/CLI.hpp>

namespace hourwheel {

SinkCommand parse_sink_command(int argc, const char* const* argv) {
  SinkOptions options;
  std::string mode = "ok";
  int64_t delay_ms = 0;
  CLI::App app{"Receives webhooks, answers as told, and counts what arrived"};
  app.add_option("--listen", options.listen, "address and port; port 0 picks a free one");
  app.add_option("--status", options.behaviour.status, "status of the answers")
      ->check(CLI::Range(200, 599));
  app.add_option("--delay", delay_ms, "milliseconds before an answer")
      ->check(CLI::Range(0, 3'600'000));
  app.add_option("--mode", mode,
                 "ok, slow, hang, reset, reset_after, garbage, dead, flaky:PERCENT");
  app.add_option("--log", options.log_file, "append a line for each arrival to this file");
  app.add_option("--tls", options.tls,
                 "address and port to listen on with TLS, too, with a certificate made for "
                 "localhost and that address");
  app.add_option("--tls-certificate", options.tls_certificate,
                 "file that the certificate is written to (PEM), for whoever is to trust it")
      ->capture_default_str();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return {std::nullopt, app.exit(error) == 0 ? 0 : 2};
  }
  options.behaviour.delay = milliseconds(delay_ms);
  Status applied = apply_mode(mode, options.behaviour);
  if (!applied) {
    return {std::nullopt, app.exit(CLI::ValidationError("--mode", applied.error().detail)) & 2};
  }
  return {std::move(options), 0};
}

}  // namespace hourwheel
