#include "tools/hourwheel/options_shell.h"

#include <CLI/CLI.hpp>

#include "tools/hourwheel/options_words.h"

namespace hourwheel {
namespace {

const std::map<std::string, Shell>& shells() {
  static const std::map<std::string, Shell> kShells = {
      {"bash", Shell::kBash}, {"zsh", Shell::kZsh}, {"fish", Shell::kFish}};
  return kShells;
}

// add_choice() gives a type name of this shape.
std::vector<std::string> choices_in(const std::string& type) {
  std::vector<std::string> words;
  if (type.find('|') == std::string::npos) return words;
  std::istringstream in(type);
  for (std::string word; std::getline(in, word, '|');) words.push_back(word);
  return words;
}

OptionWords words_of_option(const CLI::Option& option) {
  OptionWords words;
  words.has_dashes = option.nonpositional();
  for (const std::string& name : option.get_lnames()) words.names.push_back("--" + name);
  for (const std::string& name : option.get_snames()) words.names.push_back("-" + name);
  if (!words.has_dashes) words.names = {option.get_name(true)};
  words.what = option.get_description();
  if (option.get_expected_min() > 0) {
    words.value = option.get_type_name().empty() ? "TEXT" : option.get_type_name();
    words.choices = choices_in(words.value);
  }
  return words;
}

// The options of a group stand behind its verbs, too.
void append_options(const CLI::App& app, std::vector<OptionWords>& out) {
  for (const CLI::Option* option : app.get_options()) out.push_back(words_of_option(*option));
  const CLI::App* group = app.get_parent();
  if (group == nullptr || group->get_parent() == nullptr) return;
  for (const CLI::Option* option : group->get_options()) {
    if (option->get_name() != "--help") out.push_back(words_of_option(*option));
  }
}

VerbWords words_of_verb(const CLI::App& app, const std::string& path) {
  VerbWords words{path, app.get_description(), app.get_footer(), {}, {}};
  append_options(app, words.options);
  for (const CLI::App* below : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (below->get_group().empty()) continue;
    words.verbs.push_back(
        words_of_verb(*below, path.empty() ? below->get_name() : path + " " + below->get_name()));
  }
  return words;
}

}  // namespace

VerbWords table_of(const CLI::App& app) {
  return words_of_verb(app, "");
}

std::vector<CLI::App*> add_shell(CLI::App& app, ShellOptions& options) {
  CLI::App* completion =
      app.add_subcommand("completion", "Print a script that completes in a shell what is typed");
  add_choice(*completion, "shell", options.shell, shells())
      ->description("Of which shell")
      ->required();
  completion->footer(
      "Examples:\n"
      "  source <(hourwheel completion bash)\n"
      "  hourwheel completion fish > ~/.config/fish/completions/hourwheel.fish");
  CLI::App* manual = app.add_subcommand("man", "Print the manual page, hourwheel(1)");
  manual->footer(
      "Examples:\n"
      "  hourwheel man > hourwheel.1\n"
      "  hourwheel man | man -l -");
  CLI::App* complete = app.add_subcommand("__complete", "Ids for a completion script")->group("");
  complete->add_option("kind", options.kind, "tasks, runs or contexts")->required();
  complete->add_option("begin", options.begin, "How the id begins");
  add_server(*complete, options.server);
  completion->callback([&options] { options.verb = ShellVerb::kCompletion; });
  manual->callback([&options] { options.verb = ShellVerb::kManual; });
  complete->callback([&options] { options.verb = ShellVerb::kComplete; });
  return {completion, manual, complete};
}

}  // namespace hourwheel
