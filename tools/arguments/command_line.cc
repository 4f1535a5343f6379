#include "tools/arguments/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdint>
#include <iostream>
#include <sstream>
#include <utility>

namespace hourwheel {
namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : "|") + word;
  return out;
}

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

// CLI11 takes any # for the begin of a comment, also within quotes: such a line is refused.
std::string without_hidden_comments(std::istream& in) {
  std::string text;
  for (std::string line; std::getline(in, line); text += line + "\n") {
    char quote = '\0';
    for (char c : line) {
      if (c == '#' && quote == '\0') break;
      if (c == '#') throw CLI::ConfigError("a # within quotes is not understood: " + line, 1);
      if (c == quote) {
        quote = '\0';
      } else if (quote == '\0' && (c == '"' || c == '\'')) {
        quote = c;
      }
    }
  }
  return text;
}

// CLI11 lets a file win over the environment: what is to win over it is taken out of the file.
class FileWithout final : public CLI::ConfigBase {
 public:
  explicit FileWithout(std::function<bool(const std::string&)> skip) : skip_(std::move(skip)) {}

  std::vector<CLI::ConfigItem> from_config(std::istream& in) const override {
    std::istringstream lines(without_hidden_comments(in));
    std::vector<CLI::ConfigItem> found = ConfigBase::from_config(lines);
    std::erase_if(found, [this](const CLI::ConfigItem& item) { return skip_(item.name); });
    return found;
  }

 private:
  std::function<bool(const std::string&)> skip_;
};

// A word that nobody knows is named even where CLI11 finds first that something else is missing.
Refusal refusal_of(const CLI::App& app, const CLI::ParseError& error) {
  std::ostringstream text;
  const int code = app.exit(error, text, text);
  Refusal refusal{code == 0 ? 0 : kUsageError, error.what(), text.str(), {}};
  const std::vector<std::string> unknown = app.remaining(true);
  const bool by_word = code == static_cast<int>(CLI::ExitCodes::RequiredError) ||
                       code == static_cast<int>(CLI::ExitCodes::ExtrasError);
  if (by_word && !unknown.empty()) refusal.unknown = unknown.front();
  return refusal;
}

}  // namespace

// --- Option ---

Option Option::required(bool is) const {
  option_->required(is);
  return *this;
}

Option Option::check(const RefuseText& refuse) const {
  option_->check(refuse);
  return *this;
}

Option Option::one_of(const std::vector<std::string>& words) const {
  option_->check(CLI::IsMember(words));
  return *this;
}

template <class Number>
Option Option::within(Number least, Number most) const {
  option_->check(CLI::Range(least, most));
  return *this;
}
template Option Option::within(int, int) const;
template Option Option::within(uint32_t, uint32_t) const;
template Option Option::within(double, double) const;

Option Option::positive() const {
  option_->check(CLI::PositiveNumber);
  return *this;
}

Option Option::in_bytes() const {
  option_->transform(plain_size())->transform(CLI::AsSizeValue(false));
  return *this;
}

Option Option::between_commas() const {
  option_->delimiter(',');
  return *this;
}

Option Option::needs(Option other) const {
  option_->needs(other.option_);
  return *this;
}

Option Option::excludes(Option other) const {
  option_->excludes(other.option_);
  return *this;
}

Option Option::description(const std::string& what) const {
  option_->description(what);
  return *this;
}

Option Option::envname(const std::string& name) const {
  option_->envname(name);
  return *this;
}

Option Option::show_default() const {
  option_->capture_default_str();
  return *this;
}

std::vector<std::string> Option::names() const {
  if (!has_dashes()) return {option_->get_name(true)};
  std::vector<std::string> names;
  for (const std::string& name : option_->get_lnames()) names.push_back("--" + name);
  for (const std::string& name : option_->get_snames()) names.push_back("-" + name);
  return names;
}

bool Option::has_dashes() const {
  return option_->nonpositional();
}

bool Option::takes_value() const {
  return option_->get_expected_min() > 0;
}

bool Option::takes_several() const {
  return option_->get_items_expected_max() > 1;
}

std::string Option::what() const {
  return option_->get_description();
}

std::string Option::type_name() const {
  return option_->get_type_name();
}

std::string Option::default_text() const {
  return option_->get_default_str();
}

bool Option::is_setting() const {
  return option_->get_configurable();
}

bool Option::said() const {
  return option_->count() > 0;
}

std::string Option::text() const {
  return takes_several() ? CLI::detail::join(option_->results(), ",") : option_->as<std::string>();
}

bool Option::is_on() const {
  return option_->as<bool>();
}

// --- Verb ---

Verb Verb::add_verb(const std::string& name, const std::string& what) const {
  return Verb(*app_->add_subcommand(name, what));
}

template <class Value>
Option Verb::add_option(const std::string& name, Value& value, const std::string& what) const {
  return Option(*app_->add_option(name, value, what));
}
template Option Verb::add_option(const std::string&, std::string&, const std::string&) const;
template Option Verb::add_option(const std::string&, std::vector<std::string>&,
                                 const std::string&) const;
template Option Verb::add_option(const std::string&, int&, const std::string&) const;
template Option Verb::add_option(const std::string&, uint32_t&, const std::string&) const;
template Option Verb::add_option(const std::string&, int64_t&, const std::string&) const;
template Option Verb::add_option(const std::string&, uint64_t&, const std::string&) const;
template Option Verb::add_option(const std::string&, std::optional<uint64_t>&,
                                 const std::string&) const;
template Option Verb::add_option(const std::string&, double&, const std::string&) const;

Option Verb::add_flag(const std::string& name, bool& on, const std::string& what) const {
  return Option(*app_->add_flag(name, on, what));
}

// CLI11's own check of an enum would print the numbers behind the words.
Option Verb::add_choice(const std::string& name, std::vector<std::string> words,
                        const std::function<void(const std::string&)>& choose) const {
  const std::string all = joined(words);
  auto refuse = [words = std::move(words), all](std::string& word) {
    word = CLI::ignore_case(word);
    if (std::find(words.begin(), words.end(), word) != words.end()) return std::string();
    return "\"" + word + "\" is none of " + all;
  };
  return Option(*app_->add_option_function(name, choose)
                     ->transform(CLI::Validator(refuse, "", ""))
                     ->type_name(all));
}

void Verb::require_verb() const {
  app_->require_subcommand(1);
}

void Verb::footer(const std::string& text) const {
  app_->footer(text);
}

void Verb::fallthrough() const {
  app_->fallthrough();
}

void Verb::hide() const {
  app_->group("");
}

void Verb::callback(const std::function<void()>& said) const {
  app_->callback(said);
}

void Verb::check(const std::function<std::string()>& refuse) const {
  app_->callback([refuse] {
    const std::string why = refuse();
    if (!why.empty()) throw CLI::ValidationError(why);
  });
}

void Verb::read_file(const SettingsFile& file, std::function<bool(const std::string&)> skip) const {
  app_->set_config(file.option, file.path, file.what, file.must_exist);
  app_->config_formatter(std::make_shared<FileWithout>(std::move(skip)));
  app_->allow_config_extras(CLI::config_extras_mode::error);
}

std::string Verb::name() const {
  return app_->get_name();
}

std::string Verb::what() const {
  return app_->get_description();
}

std::string Verb::footer() const {
  return app_->get_footer();
}

bool Verb::hidden() const {
  return app_->get_group().empty();
}

std::optional<Verb> Verb::above() const {
  CLI::App* above = app_->get_parent();
  return above == nullptr ? std::nullopt : std::optional<Verb>(*above);
}

std::vector<Verb> Verb::verbs() const {
  std::vector<Verb> verbs;
  for (CLI::App* verb : app_->get_subcommands([](CLI::App*) { return true; })) {
    verbs.emplace_back(*verb);
  }
  return verbs;
}

std::vector<Option> Verb::options() const {
  std::vector<Option> options;
  for (CLI::Option* option : app_->get_options()) options.emplace_back(*option);
  return options;
}

bool Verb::said() const {
  return app_->parsed();
}

std::vector<Verb> Verb::verbs_said() const {
  std::vector<Verb> verbs;
  for (CLI::App* verb : app_->get_subcommands()) verbs.emplace_back(*verb);
  return verbs;
}

// --- CommandLine ---

CommandLine::CommandLine(const std::string& what, const std::string& name)
    : app_(std::make_unique<CLI::App>(what, name)) {}

CommandLine::~CommandLine() = default;

Verb CommandLine::top() const {
  return Verb(*app_);
}

std::optional<Refusal> CommandLine::read(int argc, const char* const* argv) {
  return read(std::vector<std::string>(argv + std::min(argc, 1), argv + argc));
}

std::optional<Refusal> CommandLine::read(std::vector<std::string> arguments) {
  std::reverse(arguments.begin(), arguments.end());  // as CLI11 wants them
  try {
    app_->parse(std::move(arguments));
  } catch (const CLI::ParseError& error) {
    return refusal_of(*app_, error);
  }
  return std::nullopt;
}

Refusal CommandLine::refuse(const std::string& option, const std::string& why) const {
  return refusal_of(*app_, CLI::ValidationError(option, why));
}

int explain(const Refusal& refusal) {
  (refusal.exit_code == 0 ? std::cout : std::cerr) << refusal.text << std::flush;
  return refusal.exit_code;
}

// --- TOML ---

// Section marks of CLI11 ("++", "--") are no entries.
Result<std::vector<TomlEntry>> read_toml(std::istream& in) {
  std::vector<TomlEntry> entries;
  try {
    std::istringstream text(without_hidden_comments(in));
    for (const CLI::ConfigItem& item : CLI::ConfigTOML().from_config(text)) {
      if (item.name == "++" || item.name == "--") continue;
      entries.push_back({item.parents, item.name, item.fullname(),
                         item.inputs.empty() ? "" : item.inputs.front()});
    }
  } catch (const CLI::Error& error) {
    return failure(ErrorCode::kValidationFailed, "", error.what());
  }
  return entries;
}

std::string toml_value(const std::string& text) {
  return CLI::detail::convert_arg_for_ini(text);
}

}  // namespace hourwheel
