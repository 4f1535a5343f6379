// What may stand on the command line of a program: verbs, and options that fill its variables in.
//
// Only command_line.cc knows the parser (CLI11): its header costs the compiler more than all that
// is described with it, and it reports through exceptions, which end there. What is added is
// checked: a program that adds a name twice stops.
//
// A Verb and an Option name what the parser owns: they are copied freely, and are good for as long
// as their CommandLine is there. So must be the variables that options fill in. Thread: any one.
#pragma once

#include <cstddef>
#include <functional>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/result.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace hourwheel {

// What is wrong with a text; empty: nothing.
using RefuseText = std::function<std::string(const std::string&)>;

class Option {
 public:
  explicit Option(CLI::Option& option) : option_(&option) {}

  // Each gives the option back.
  Option required(bool is = true) const;
  Option check(const RefuseText& refuse) const;
  Option one_of(const std::vector<std::string>& words) const;
  template <class Number>  // int, uint32_t, double: the help names it
  Option within(Number least, Number most) const;
  Option positive() const;
  Option in_bytes() const;        // "512MiB"
  Option between_commas() const;  // of several values, beside those that are said again
  Option needs(Option other) const;
  Option excludes(Option other) const;
  Option description(const std::string& what) const;
  Option envname(const std::string& name) const;  // the variable it is read from, too
  Option show_default() const;                    // in the help, as its variable has it now

  // "--output", "-o"; of an argument without dashes its name.
  [[nodiscard]] std::vector<std::string> names() const;
  [[nodiscard]] bool has_dashes() const;
  [[nodiscard]] bool takes_value() const;
  [[nodiscard]] bool takes_several() const;
  [[nodiscard]] std::string what() const;
  [[nodiscard]] std::string type_name() const;
  [[nodiscard]] std::string default_text() const;  // empty: none is shown
  // Whether it is a setting, not about the command line itself.
  [[nodiscard]] bool is_setting() const;

  // After reading: whether it was said, and what.
  [[nodiscard]] bool said() const;
  [[nodiscard]] std::string text() const;
  [[nodiscard]] bool is_on() const;

 private:
  CLI::Option* option_;
};

// A file with the options of a verb, as TOML under the verb's name. Unknown keys are refused.
struct SettingsFile {
  std::string option;  // that names another one
  std::string path;
  std::string what;
  bool must_exist = false;
};

class Verb {
 public:
  explicit Verb(CLI::App& app) : app_(&app) {}
  friend bool operator==(const Verb&, const Verb&) = default;

  [[nodiscard]] Verb add_verb(const std::string& name, const std::string& what) const;
  // Value: string, vector of strings, int, uint32_t, int64_t, uint64_t, optional of that, double.
  template <class Value>
  Option add_option(const std::string& name, Value& value, const std::string& what = "") const;
  Option add_flag(const std::string& name, bool& on, const std::string& what) const;
  // One of a few words, which the help lists; in capitals, too.
  Option add_choice(const std::string& name, std::vector<std::string> words,
                    const std::function<void(const std::string&)>& choose) const;

  void require_verb() const;  // exactly one of its own
  void footer(const std::string& text) const;
  // What it does not know may be of the verb above it.
  void fallthrough() const;
  void hide() const;  // it is in no help
  // One of both, for when all is read and this was said. What a check returns is wrong with the
  // command line.
  void callback(const std::function<void()>& said) const;
  void check(const std::function<std::string()>& refuse) const;
  // Of the program itself. The file comes before the environment, as it is read first: what `skip`
  // says of an option's name is not taken from it.
  void read_file(const SettingsFile& file, std::function<bool(const std::string&)> skip) const;

  [[nodiscard]] std::string name() const;
  [[nodiscard]] std::string what() const;
  [[nodiscard]] std::string footer() const;
  [[nodiscard]] bool hidden() const;
  [[nodiscard]] std::optional<Verb> above() const;
  [[nodiscard]] std::vector<Verb> verbs() const;
  [[nodiscard]] std::vector<Option> options() const;

  [[nodiscard]] bool said() const;
  [[nodiscard]] std::vector<Verb> verbs_said() const;

 private:
  CLI::App* app_;
};

inline constexpr int kUsageError = 2;

// Why a command line was not read to its end.
struct Refusal {
  int exit_code = kUsageError;  // 0: it asked for help
  std::string why;              // one sentence
  std::string text;             // to be printed
  // The first word that nobody knows, if that is why.
  std::optional<std::string> unknown;
};

// Prints the text where it belongs; the exit code.
int explain(const Refusal& refusal);

class CommandLine {
 public:
  CommandLine(const std::string& what, const std::string& name);
  ~CommandLine();
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;

  [[nodiscard]] Verb top() const;
  // nullopt: it was read. The second one takes the arguments without the program's name.
  [[nodiscard]] std::optional<Refusal> read(int argc, const char* const* argv);
  [[nodiscard]] std::optional<Refusal> read(std::vector<std::string> arguments);
  // For what only the program can judge.
  [[nodiscard]] Refusal refuse(const std::string& option, const std::string& why) const;

 private:
  std::unique_ptr<CLI::App> app_;
};

struct TomlEntry {
  std::vector<std::string> parents;
  std::string name;
  std::string full_name;  // with the parents and dots between them
  std::string value;      // of several the first
};
// A # within quotes, which the parser would take for a comment, is refused.
Result<std::vector<TomlEntry>> read_toml(std::istream& in);
// A number or a truth as it is, else in quotes.
std::string toml_value(const std::string& text);

}  // namespace hourwheel
