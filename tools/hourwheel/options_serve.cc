#include "tools/hourwheel/options_serve.h"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <utility>
#include <vector>

#include "tools/hourwheel/egress_range.h"
#include "tools/hourwheel/options_words.h"
#include "tools/hourwheel/public_url.h"

namespace hourwheel {
namespace {

const std::map<std::string, IoChoice> kIoChoices = {
    {"auto", IoChoice::kAuto}, {"uring", IoChoice::kUring}, {"libevent", IoChoice::kLibevent}};

const std::map<std::string, LogFormat> kLogFormats = {
    {"auto", LogFormat::kAuto}, {"text", LogFormat::kText}, {"json", LogFormat::kJson}};
const std::map<std::string, LogLevel> kLogLevels = {{"debug", LogLevel::kDebug},
                                                    {"info", LogLevel::kInfo},
                                                    {"warning", LogLevel::kWarning},
                                                    {"error", LogLevel::kError}};

// "run-log-bytes"
std::string name_of(Option option) {
  return option.names().front().substr(2);
}

std::string environment_name(std::string name) {
  std::transform(name.begin(), name.end(), name.begin(), [](char c) {
    return c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  });
  return "HOURWHEEL_" + name;
}

// A variable without a value is as one that is not there.
bool is_in_environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value != nullptr && *value != '\0';
}

// The options that are not about the command line itself.
std::vector<Option> settings_of(Verb serve) {
  std::vector<Option> settings = serve.options();
  std::erase_if(settings, [](Option option) { return !option.is_setting(); });
  return settings;
}

void read_settings(Verb app, Verb serve) {
  const bool named = is_in_environment("HOURWHEEL_CONFIG");
  const SettingsFile file{
      "--config", named ? std::getenv("HOURWHEEL_CONFIG") : kDefaultConfigFile,
      "File of the options of serve, as TOML under [serve]; flags and the environment "
      "come before it (HOURWHEEL_CONFIG names it, too)",
      named};
  app.read_file(file,
                [](const std::string& name) { return is_in_environment(environment_name(name)); });
  serve.fallthrough();
  for (const Option option : settings_of(serve)) option.envname(environment_name(name_of(option)));
}

// All or nothing: a name that is empty by mistake, or that stands alone, shall not serve in the
// clear. Sample tasks are made over
// plain HTTP, so that a copied command works; a check tells, since a file may say demo = false.
void add_tls(Verb serve, ServeOptions& options) {
  const Option certificate =
      add_filter(serve, "--tls-certificate", options.tls_certificate,
                 "Serve HTTPS by this certificate: a PEM file, the server's own first, then those "
                 "between it and a root; SIGHUP reads all three again");
  const Option key = add_filter(serve, "--tls-key", options.tls_key,
                                "File of the certificate's key (PEM, not encrypted), that nobody "
                                "but its owner may use")
                         .needs(certificate);
  certificate.needs(key);
  add_filter(
      serve, "--tls-client-ca", options.tls_client_ca,
      "File of the certificates (PEM) that clients' own are trusted by; without one of those "
      "nobody is served")
      .needs(certificate);
  serve.check([&options] {
    const bool both = options.demo && !options.tls_certificate.empty();
    return std::string(both ? "--demo excludes --tls-certificate" : "");
  });
}

void add_public_url(Verb serve, ServeOptions& options) {
  auto refuse = [](const std::string& text) {
    const auto url = parse_public_url(text);
    return url ? std::string() : "\"" + text + "\" " + url.error().detail;
  };
  serve
      .add_option("--public-url", options.public_url,
                  "Where targets reach this server to report on attempts that take longer, as "
                  "https://h.example/prefix (default: where it listens, unless that is 0.0.0.0 or "
                  "[::])")
      .check(refuse);
}

void add_egress(Verb serve, ServeOptions& options) {
  auto refuse = [](const std::string& text) {
    const auto range = parse_egress_range(text);
    return range ? std::string() : "\"" + text + "\" " + range.error().detail;
  };
  serve
      .add_option("--egress-allow", options.egress_allow,
                  "Targets in these private or loopback networks allowed, too, as "
                  "10.0.0.0/8,fd00:1234::/48; may be said again (default: public addresses alone)")
      .between_commas()
      .check(refuse);
  serve
      .add_option("--max-in-flight-per-destination", options.max_in_flight_per_destination,
                  "Attempts in flight from each data file to one scheme, host and port")
      .within(uint32_t{1}, kMaxRunsPerDestination)
      .show_default();
  serve
      .add_option("--breaker-failures", options.breaker_failures,
                  "Failures in a row after which a destination is left alone for a while; 0: never")
      .within(uint32_t{0}, kMaxBreakerFailures)
      .show_default();
}

std::string value_of(Option option) {
  if (!option.takes_value()) return option.said() && option.is_on() ? "true" : "false";
  const std::string text = option.said() ? option.text() : option.default_text();
  const bool number = !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
  return number ? text : toml_value(text);
}

const char* source_of(Option option) {
  if (!option.said()) return "default";
  return is_in_environment(environment_name(name_of(option))) ? "environment" : "file";
}

void print_settings(Verb serve) {
  std::printf("[serve]\n");
  for (const Option option : settings_of(serve)) {
    const bool unset = !option.said() && option.default_text().empty() && option.takes_value();
    if (unset) {
      std::printf("# %s is by itself: %s\n", name_of(option).c_str(), option.what().c_str());
    } else {
      std::printf("%s = %s  # %s\n", name_of(option).c_str(), value_of(option).c_str(),
                  source_of(option));
    }
  }
}

}  // namespace

Verb add_serve(Verb app, ServeOptions& options, Settings settings) {
  const Verb serve = app.add_verb("serve", "Run the server");
  serve.add_option("--listen", options.listen, "Address and port; port 0 picks a free one")
      .show_default();
  serve.add_option("--data", options.data_dir, "Folder of the data files, made if absent")
      .show_default();
  add_choice(serve, "--io", options.io, kIoChoices)
      .description("How attempts are sent (default: auto, io_uring where the kernel takes it)");
  serve.add_option("--shards", options.shards, "Data files of a new folder (default: the cores)")
      .within(1, 64);
  serve.add_option("--reactors", options.reactors, "Threads that serve (default: the cores)")
      .within(1, 64);
  serve.add_flag("--dev", options.dev, "Targets on loopback and private networks allowed");
  serve.add_flag("--demo", options.demo, "Create a few sample tasks");
  serve.add_flag("--insecure-no-auth", options.insecure_no_auth,
                 "Serve other machines although nobody is asked for a key");
  serve.add_flag("--require-if-match", options.require_if_match,
                 "Refuse PUT, PATCH and DELETE of /v1/tasks/{id} without If-Match");
  serve.add_option("--signing-secrets", options.signing_secrets,
                   "File of the secrets that webhooks are signed with, a whsec_ line each "
                   "(default: signing-secrets in the data folder, made if absent)");
  serve.add_option("--master-key-file", options.master_key_file,
                   "File of the keys that stored secrets are sealed with, a hwmk_ line each "
                   "(default: master.key in the data folder, made if absent)");
  serve.add_option("--trusted-certificates", options.trusted_certificates,
                   "File of the certificates (PEM) that https targets are trusted by "
                   "(default: the system's list)");
  add_tls(serve, options);
  add_public_url(serve, options);
  add_egress(serve, options);
  serve
      .add_option("--run-log-bytes", options.run_log_bytes,
                  "Bytes of run log kept in each data file, as 512MiB; the oldest rows go first")
      .in_bytes()
      .positive()
      .show_default();
  serve
      .add_option("--storage-reserve", options.storage_reserve,
                  "With less than this free on the volume of the data folder changes are refused, "
                  "except deletes and pauses, as 256MiB (default: 5 % of the volume, 256MiB to "
                  "8GiB, at most a quarter of it)")
      .in_bytes();
  add_choice(serve, "--log-format", options.log_format, kLogFormats)
      .description(
          "Of the lines on standard error; auto: text on a terminal and with --dev "
          "(default: auto)");
  add_choice(serve, "--log-level", options.log_level, kLogLevels)
      .description(
          "The least that is logged; it can be changed while the server runs "
          "(default: info)");
  if (settings == Settings::kRead) read_settings(app, serve);
  return serve;
}

Verb add_config(Verb app, ConfigOptions& options) {
  const Verb config = app.add_verb("config", "Look at the configuration of serve");
  config.require_verb();
  const Verb print = config.add_verb("print", "Every option, its value and its source");
  const Verb check = config.add_verb("check", "Say what is wrong with it, if anything is");
  for (const Verb one : {print, check}) {
    one.add_option("file", options.file, "The file (default: as serve would take it)");
  }
  print.callback([&options] { options.verb = ConfigVerb::kPrint; });
  check.callback([&options] { options.verb = ConfigVerb::kCheck; });
  return config;
}

int run_config_command(const ConfigOptions& options) {
  CommandLine line("", "hourwheel");
  ServeOptions read;
  const Verb serve = add_serve(line.top(), read, Settings::kRead);
  std::vector<std::string> arguments{"serve"};
  if (!options.file.empty()) arguments = {"serve", "--config", options.file};
  if (const auto refusal = line.read(std::move(arguments))) {
    std::fprintf(stderr, "hourwheel: %s\n", refusal->why.c_str());
    return kUsageError;
  }
  if (options.verb == ConfigVerb::kPrint) print_settings(serve);
  return 0;
}

}  // namespace hourwheel
