// The verbs of the command line and their options as plain values: what completions and the manual
// page are made of. It is read off the parser itself, so that neither can say what it does not do.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hourwheel {

struct OptionWords {
  std::vector<std::string> names;    // "--output", "-o"; of an argument without dashes its name
  std::string what;                  // one sentence
  std::string value;                 // of what kind; empty: it takes none
  std::vector<std::string> choices;  // the only values, if they are few
  bool has_dashes = true;
  bool takes_several = false;
  bool is_setting = false;  // of serve: its file may have it
  std::string fallback;     // the value that it has by itself; empty: the sentence says, or none
};

struct VerbWords {
  std::string path;  // "task list"; empty: the program
  std::string what;
  std::string more;  // examples and the like
  std::vector<OptionWords> options;
  std::vector<VerbWords> verbs;

  // The last word of the path.
  [[nodiscard]] std::string_view name() const {
    return std::string_view(path).substr(path.rfind(' ') + 1);
  }
};

// All of them in one list, each before those below it.
std::vector<const VerbWords*> flattened(const VerbWords& top);

// Of what the word after a verb or option may be, if something else than free text.
enum class Guess { kNothing, kTask, kRun, kContext, kFile };
Guess guess_for(const VerbWords& verb, const OptionWords& option);

}  // namespace hourwheel
