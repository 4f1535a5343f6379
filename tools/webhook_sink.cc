// webhook_sink: receives webhooks until it is told to stop, then prints what it counted.
#include <event2/event.h>

#include <csignal>
#include <cstdio>
#include <memory>

#include "tools/sink/sink_options.h"
#include "tools/sink/webhook_sink.h"
#include "tools/wire/loop.h"

int main(int argc, char** argv) {
  hourwheel::SinkCommand command = hourwheel::parse_sink_command(argc, argv);
  if (!command.options) {
    return command.exit_code;
  }
  hourwheel::Loop loop;
  auto sink = hourwheel::WebhookSink::listen(loop.base(), *command.options);
  if (!sink) {
    std::fprintf(stderr, "webhook_sink: %s\n", sink.error().detail.c_str());
    return 1;
  }
  std::printf("listening on %s\n", (*sink)->address().c_str());
  if (!(*sink)->tls_address().empty()) {
    std::printf("with TLS on %s, certificate in %s\n", (*sink)->tls_address().c_str(),
                command.options->tls_certificate.c_str());
  }
  std::fflush(stdout);
  loop.run_until_signal();
  std::printf("%s\n", (*sink)->ledger().to_json().c_str());
  return 0;
}
