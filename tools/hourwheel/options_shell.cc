#include "tools/hourwheel/options_shell.h"

#include <optional>
#include <sstream>

#include "tools/hourwheel/options_words.h"

namespace hourwheel {
namespace {

const std::map<std::string, Shell>& shells() {
  static const std::map<std::string, Shell> kShells = {
      {"bash", Shell::kBash}, {"zsh", Shell::kZsh}, {"fish", Shell::kFish}};
  return kShells;
}

const std::map<std::string, ManualPage>& manual_pages() {
  static const std::map<std::string, ManualPage> kPages = {
      {"hourwheel", ManualPage::kCommand}, {"hourwheel.toml", ManualPage::kSettings}};
  return kPages;
}

// add_choice() gives a type name of this shape.
std::vector<std::string> choices_in(const std::string& type) {
  std::vector<std::string> words;
  if (type.find('|') == std::string::npos) return words;
  std::istringstream in(type);
  for (std::string word; std::getline(in, word, '|');) words.push_back(word);
  return words;
}

OptionWords words_of_option(Option option) {
  OptionWords words;
  words.has_dashes = option.has_dashes();
  words.names = option.names();
  words.what = option.what();
  words.is_setting = option.is_setting();
  words.fallback = option.default_text();
  if (option.takes_value()) {
    words.value = option.type_name().empty() ? "TEXT" : option.type_name();
    words.choices = choices_in(words.value);
    words.takes_several = option.takes_several();
  }
  return words;
}

// The options of a group stand behind its verbs, too.
void append_options(Verb verb, std::vector<OptionWords>& out) {
  for (const Option option : verb.options()) out.push_back(words_of_option(option));
  const std::optional<Verb> group = verb.above();
  if (!group || !group->above()) return;
  for (const Option option : group->options()) {
    if (option.names().front() != "--help") out.push_back(words_of_option(option));
  }
}

VerbWords words_of_verb(Verb verb, const std::string& path) {
  VerbWords words{path, verb.what(), verb.footer(), {}, {}};
  append_options(verb, words.options);
  for (const Verb below : verb.verbs()) {
    if (below.hidden()) continue;
    words.verbs.push_back(
        words_of_verb(below, path.empty() ? below.name() : path + " " + below.name()));
  }
  return words;
}

}  // namespace

VerbWords table_of(Verb app) {
  return words_of_verb(app, "");
}

std::vector<Verb> add_shell(Verb app, ShellOptions& options) {
  const Verb completion =
      app.add_verb("completion", "Print a script that completes in a shell what is typed");
  add_choice(completion, "shell", options.shell, shells()).description("Of which shell").required();
  completion.footer(
      "Examples:\n"
      "  source <(hourwheel completion bash)\n"
      "  hourwheel completion fish > ~/.config/fish/completions/hourwheel.fish");
  const Verb manual =
      app.add_verb("man", "Print a manual page, hourwheel(1) or that of the file of serve");
  add_choice(manual, "page", options.page, manual_pages())
      .description("Which one (default: hourwheel)");
  manual.footer(
      "Examples:\n"
      "  hourwheel man > hourwheel.1\n"
      "  hourwheel man hourwheel.toml > hourwheel.toml.5\n"
      "  hourwheel man | man -l -");
  const Verb complete = app.add_verb("__complete", "Ids for a completion script");
  complete.hide();
  complete.add_option("kind", options.kind, "tasks, runs or contexts").required();
  complete.add_option("begin", options.begin, "How the id begins");
  add_server(complete, options.server);
  completion.callback([&options] { options.verb = ShellVerb::kCompletion; });
  manual.callback([&options] { options.verb = ShellVerb::kManual; });
  complete.callback([&options] { options.verb = ShellVerb::kComplete; });
  return {completion, manual, complete};
}

}  // namespace hourwheel
