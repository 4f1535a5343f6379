#include "tools/hourwheel/options_serve.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <map>
#include <memory>
#include <sstream>
#include <vector>

#include "tools/hourwheel/options_words.h"
#include "tools/hourwheel/public_url.h"

namespace hourwheel {
namespace {

constexpr int kBadUsage = 2;

const std::map<std::string, IoChoice> kIoChoices = {
    {"auto", IoChoice::kAuto}, {"uring", IoChoice::kUring}, {"libevent", IoChoice::kLibevent}};

const std::map<std::string, LogFormat> kLogFormats = {
    {"auto", LogFormat::kAuto}, {"text", LogFormat::kText}, {"json", LogFormat::kJson}};
const std::map<std::string, LogLevel> kLogLevels = {{"debug", LogLevel::kDebug},
                                                    {"info", LogLevel::kInfo},
                                                    {"warning", LogLevel::kWarning},
                                                    {"error", LogLevel::kError}};

// "run-log-bytes"
std::string name_of(const CLI::Option& option) {
  return option.get_lnames().front();
}

std::string environment_name(std::string name) {
  std::transform(name.begin(), name.end(), name.begin(), [](char c) {
    return c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  });
  return "HOURWHEEL_" + name;
}
std::string environment_name(const CLI::Option& option) {
  return environment_name(name_of(option));
}

// A variable without a value is as one that is not there.
bool is_in_environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value != nullptr && *value != '\0';
}

// The options that are not about the command line itself.
std::vector<CLI::Option*> settings_of(CLI::App& serve) {
  return serve.get_options([](const CLI::Option* option) { return option->get_configurable(); });
}

// CLI11 lets a file win over the environment: what the environment has is taken out of the file.
class FileBelowEnvironment final : public CLI::ConfigBase {
 public:
  std::vector<CLI::ConfigItem> from_config(std::istream& in) const override {
    const std::string text = without_hidden_comments(in);
    std::istringstream lines(text);
    std::vector<CLI::ConfigItem> found = ConfigBase::from_config(lines);
    std::erase_if(found, [](const CLI::ConfigItem& item) {
      return is_in_environment(environment_name(item.name));
    });
    return found;
  }
};

// A number of bytes has no sign, and none of the zeros that would make it octal.
CLI::Validator plain_size() {
  return {[](std::string& text) {
            const bool signless = !text.empty() && text.front() >= '0' && text.front() <= '9';
            const bool octal =
                text.size() > 1 && text.front() == '0' && text[1] >= '0' && text[1] <= '9';
            return signless && !octal ? std::string() : "\"" + text + "\" is no number of bytes";
          },
          "", ""};
}

void read_settings(CLI::App& app, CLI::App& serve) {
  // CLI11 reads the file before it looks into the environment.
  const bool named = is_in_environment("HOURWHEEL_CONFIG");
  app.set_config("--config", named ? std::getenv("HOURWHEEL_CONFIG") : kDefaultConfigFile,
                 "File of the options of serve, as TOML under [serve]; flags and the environment "
                 "come before it (HOURWHEEL_CONFIG names it, too)",
                 named);
  app.config_formatter(std::make_shared<FileBelowEnvironment>());
  app.allow_config_extras(CLI::config_extras_mode::error);
  serve.fallthrough();
  for (CLI::Option* option : settings_of(serve)) option->envname(environment_name(*option));
}

// All or nothing: a name that is empty by mistake, or that stands alone, shall not serve in the
// clear. Sample tasks are made over
// plain HTTP, so that a copied command works; a callback tells, since a file may say demo = false.
void add_tls(CLI::App& serve, ServeOptions& options) {
  CLI::Option* certificate =
      add_filter(serve, "--tls-certificate", options.tls_certificate,
                 "Serve HTTPS by this certificate: a PEM file, the server's own first, then those "
                 "between it and a root; SIGHUP reads all three again");
  CLI::Option* key = add_filter(serve, "--tls-key", options.tls_key,
                                "File of the certificate's key (PEM, not encrypted), that nobody "
                                "but its owner may use")
                         ->needs(certificate);
  certificate->needs(key);
  add_filter(
      serve, "--tls-client-ca", options.tls_client_ca,
      "File of the certificates (PEM) that clients' own are trusted by; without one of those "
      "nobody is served")
      ->needs(certificate);
  serve.callback([&options] {
    if (options.demo && !options.tls_certificate.empty()) {
      throw CLI::ExcludesError("--demo", "--tls-certificate");
    }
  });
}

void add_public_url(CLI::App& serve, ServeOptions& options) {
  auto refuse = [](const std::string& text) {
    const auto url = parse_public_url(text);
    return url ? std::string() : "\"" + text + "\" " + url.error().detail;
  };
  serve
      .add_option("--public-url", options.public_url,
                  "Where targets reach this server to report on attempts that take longer, as "
                  "https://h.example/prefix (default: where it listens, unless that is 0.0.0.0 or "
                  "[::])")
      ->check(refuse);
}

// As a TOML value: words and paths in quotes, the rest as it is.
std::string toml_value(const CLI::Option& option) {
  if (option.get_expected_min() == 0) {
    return option.count() > 0 && option.as<bool>() ? "true" : "false";
  }
  const std::string text = option.count() > 0 ? option.as<std::string>() : option.get_default_str();
  const bool number = !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
  return number ? text : CLI::detail::convert_arg_for_ini(text);
}

const char* source_of(const CLI::Option& option) {
  if (option.count() == 0) return "default";
  return is_in_environment(environment_name(option)) ? "environment" : "file";
}

void print_settings(CLI::App& serve) {
  std::printf("[serve]\n");
  for (const CLI::Option* option : settings_of(serve)) {
    const bool unset =
        option->count() == 0 && option->get_default_str().empty() && option->get_expected_min() > 0;
    if (unset) {
      std::printf("# %s is by itself: %s\n", name_of(*option).c_str(),
                  option->get_description().c_str());
    } else {
      std::printf("%s = %s  # %s\n", name_of(*option).c_str(), toml_value(*option).c_str(),
                  source_of(*option));
    }
  }
}

}  // namespace

CLI::App* add_serve(CLI::App& app, ServeOptions& options, Settings settings) {
  CLI::App* serve = app.add_subcommand("serve", "Run the server");
  serve->add_option("--listen", options.listen, "Address and port; port 0 picks a free one")
      ->capture_default_str();
  serve->add_option("--data", options.data_dir, "Folder of the data files, made if absent")
      ->capture_default_str();
  add_choice(*serve, "--io", options.io, kIoChoices)->description("How attempts are sent");
  serve->add_option("--shards", options.shards, "Data files of a new folder (default: the cores)")
      ->check(CLI::Range(1, 64));
  serve->add_option("--reactors", options.reactors, "Threads that serve (default: the cores)")
      ->check(CLI::Range(1, 64));
  serve->add_flag("--dev", options.dev, "Targets on loopback and private networks allowed");
  serve->add_flag("--demo", options.demo, "Create a few sample tasks");
  serve->add_flag("--insecure-no-auth", options.insecure_no_auth,
                  "Serve other machines although nobody is asked for a key");
  serve->add_flag("--require-if-match", options.require_if_match,
                  "Refuse PUT, PATCH and DELETE of /v1/tasks/{id} without If-Match");
  serve->add_option("--signing-secrets", options.signing_secrets,
                    "File of the secrets that webhooks are signed with, a whsec_ line each "
                    "(default: signing-secrets in the data folder, made if absent)");
  serve->add_option("--master-key-file", options.master_key_file,
                    "File of the keys that stored secrets are sealed with, a hwmk_ line each "
                    "(default: master.key in the data folder, made if absent)");
  serve->add_option("--trusted-certificates", options.trusted_certificates,
                    "File of the certificates (PEM) that https targets are trusted by "
                    "(default: the system's list)");
  add_tls(*serve, options);
  add_public_url(*serve, options);
  serve
      ->add_option("--run-log-bytes", options.run_log_bytes,
                   "Bytes of run log kept in each data file, as 512MiB; the oldest rows go first")
      ->transform(plain_size())
      ->transform(CLI::AsSizeValue(false))
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  serve
      ->add_option("--storage-reserve", options.storage_reserve,
                   "With less than this free on the volume of the data folder changes are refused, "
                   "except deletes and pauses, as 256MiB (default: 5 % of the volume, 256MiB to "
                   "8GiB, at most a quarter of it)")
      ->transform(plain_size())
      ->transform(CLI::AsSizeValue(false));
  add_choice(*serve, "--log-format", options.log_format, kLogFormats)
      ->description("Of the lines on standard error; auto: text on a terminal and with --dev");
  add_choice(*serve, "--log-level", options.log_level, kLogLevels)
      ->description("The least that is logged; it can be changed while the server runs");
  if (settings == Settings::kRead) read_settings(app, *serve);
  return serve;
}

CLI::App* add_config(CLI::App& app, ConfigOptions& options) {
  CLI::App* config = app.add_subcommand("config", "Look at the configuration of serve");
  config->require_subcommand(1);
  CLI::App* print = config->add_subcommand("print", "Every option, its value and its source");
  CLI::App* check = config->add_subcommand("check", "Say what is wrong with it, if anything is");
  for (CLI::App* one : {print, check}) {
    one->add_option("file", options.file, "The file (default: as serve would take it)");
  }
  print->callback([&options] { options.verb = ConfigVerb::kPrint; });
  check->callback([&options] { options.verb = ConfigVerb::kCheck; });
  return config;
}

int run_config_command(const ConfigOptions& options) {
  CLI::App app("", "hourwheel");
  ServeOptions read;
  CLI::App* serve = add_serve(app, read, Settings::kRead);
  // The last argument comes first.
  std::vector<std::string> arguments{"serve"};
  if (!options.file.empty()) arguments = {options.file, "--config", "serve"};
  try {
    app.parse(arguments);
  } catch (const CLI::ParseError& error) {
    std::fprintf(stderr, "hourwheel: %s\n", error.what());
    return kBadUsage;
  }
  if (options.verb == ConfigVerb::kPrint) print_settings(*serve);
  return 0;
}

}  // namespace hourwheel
