#include "tools/hourwheel/options_serve.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <map>
#include <memory>
#include <vector>

#include "tools/hourwheel/options_words.h"

namespace hourwheel {
namespace {

constexpr int kUsageError = 2;

const std::map<std::string, IoChoice> kIoChoices = {
    {"auto", IoChoice::kAuto}, {"uring", IoChoice::kUring}, {"libevent", IoChoice::kLibevent}};

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

// The options that are not about the command line itself.
std::vector<CLI::Option*> settings_of(CLI::App& serve) {
  return serve.get_options([](const CLI::Option* option) { return option->get_configurable(); });
}

// CLI11 lets a file win over the environment: what the environment has is taken out of the file.
class FileBelowEnvironment final : public CLI::ConfigBase {
 public:
  std::vector<CLI::ConfigItem> from_config(std::istream& in) const override {
    std::vector<CLI::ConfigItem> found = ConfigBase::from_config(in);
    std::erase_if(found, [](const CLI::ConfigItem& item) {
      return std::getenv(environment_name(item.name).c_str()) != nullptr;
    });
    return found;
  }
};

}  // namespace

CLI::App* add_serve(CLI::App& app, ServeOptions& options) {
  // CLI11 reads the file before it looks into the environment.
  const char* named = std::getenv("HOURWHEEL_CONFIG");
  app.set_config("--config", named != nullptr ? named : kDefaultConfigFile,
                 "File of the options of serve, as TOML under [serve]; flags and the environment "
                 "come before it (HOURWHEEL_CONFIG names it, too)",
                 named != nullptr);
  app.config_formatter(std::make_shared<FileBelowEnvironment>());
  app.allow_config_extras(CLI::config_extras_mode::error);
  CLI::App* serve = app.add_subcommand("serve", "Run the server");
  serve->fallthrough();
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
  serve
      ->add_option("--run-log-bytes", options.run_log_bytes,
                   "Bytes of run log kept in each data file, as 512MiB; the oldest rows go first")
      ->transform(CLI::AsSizeValue(false))
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  serve
      ->add_option("--storage-reserve", options.storage_reserve,
                   "With less than this free on the volume of the data folder changes are refused, "
                   "except deletes and pauses, as 256MiB (default: 5 % of the volume, 256MiB to "
                   "8GiB, at most a quarter of it)")
      ->transform(CLI::AsSizeValue(false));
  for (CLI::Option* option : settings_of(*serve)) option->envname(environment_name(*option));
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

namespace {

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
  return std::getenv(environment_name(option).c_str()) != nullptr ? "environment" : "file";
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

int run_config_command(const ConfigOptions& options) {
  CLI::App app("", "hourwheel");
  ServeOptions read;
  CLI::App* serve = add_serve(app, read);
  // The last argument comes first.
  std::vector<std::string> arguments{"serve"};
  if (!options.file.empty()) arguments = {options.file, "--config", "serve"};
  try {
    app.parse(arguments);
  } catch (const CLI::ParseError& error) {
    std::fprintf(stderr, "hourwheel: %s\n", error.what());
    return kUsageError;
  }
  if (options.verb == ConfigVerb::kPrint) print_settings(*serve);
  return 0;
}

}  // namespace hourwheel
