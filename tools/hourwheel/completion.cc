#include "tools/hourwheel/completion.h"

#include <string_view>

namespace hourwheel {
namespace {

const char* kind_of(Guess guess) {
  switch (guess) {
    case Guess::kTask:
      return "tasks";
    case Guess::kRun:
      return "runs";
    case Guess::kContext:
      return "contexts";
    case Guess::kFile:
    case Guess::kNothing:
      break;
  }
  return "";
}

// What stands between single quotes of a shell.
std::string in_quotes(std::string_view text) {
  std::string out = "'";
  for (char c : text) out += c == '\'' ? "'\\''" : std::string(1, c);
  return out + "'";
}

std::string joined(const std::vector<std::string>& words, std::string_view separator) {
  std::string out;
  for (const std::string& word : words) out.append(out.empty() ? "" : separator).append(word);
  return out;
}

std::string verb_names(const VerbWords& verb) {
  std::string out;
  for (const VerbWords& below : verb.verbs) {
    out.append(out.empty() ? "" : " ").append(below.name());
  }
  return out;
}

// "task"|"task list"|…: what may stand before the word that is completed.
std::string all_paths(const VerbWords& top) {
  std::string out;
  for (const VerbWords* verb : flattened(top)) {
    if (!verb->path.empty()) out += (out.empty() ? "'" : "|'") + verb->path + "'";
  }
  return out;
}

// --- bash ---

std::string bash_values(const OptionWords& option, Guess guess) {
  if (!option.choices.empty()) {
    return "COMPREPLY=($(compgen -W " + in_quotes(joined(option.choices, " ")) + " -- \"$cur\"))";
  }
  if (guess == Guess::kFile) return "COMPREPLY=($(compgen -f -- \"$cur\"))";
  if (guess == Guess::kNothing) return "COMPREPLY=()";
  return std::string("_hourwheel_ids ") + kind_of(guess) + " \"$cur\"";
}

// What a server says is matched as it is: `compgen -W` would expand it, and run what stands in $().
constexpr const char* kBashIds =
    "_hourwheel_ids() {\n"
    "  local id\n"
    "  local -a ids\n"
    "  mapfile -t ids < <(hourwheel __complete \"$1\" \"$2\" 2>/dev/null)\n"
    "  for id in \"${ids[@]}\"; do\n"
    "    [[ $id == \"$2\"* ]] && COMPREPLY+=(\"$id\")\n"
    "  done\n"
    "}\n";

// A case for each option that takes a value, then one for the verb itself.
void append_bash_cases(std::string& values, std::string& verbs, const VerbWords& verb) {
  std::vector<std::string> names;
  std::string argument = ":";
  for (const OptionWords& option : verb.options) {
    const Guess guess = guess_for(verb, option);
    if (!option.has_dashes) {
      argument = bash_values(option, guess);
      continue;
    }
    names.insert(names.end(), option.names.begin(), option.names.end());
    if (option.value.empty()) continue;
    std::string pattern;
    for (const std::string& name : option.names) {
      pattern += (pattern.empty() ? "'" : "|'") + verb.path + ":" + name + "'";
    }
    values += "    " + pattern + ") " + bash_values(option, guess) + "; return ;;\n";
  }
  verbs += "    " + in_quotes(verb.path) + ")\n      options=" + in_quotes(joined(names, " ")) +
           "\n      verbs=" + in_quotes(verb_names(verb)) + "\n      [[ $cur == -* ]] || " +
           argument + "\n      ;;\n";
}

std::string bash_script(const VerbWords& top) {
  std::string values;
  std::string verbs;
  for (const VerbWords* verb : flattened(top)) append_bash_cases(values, verbs, *verb);
  return std::string("# Completes hourwheel in bash:  source <(hourwheel completion bash)\n") +
         kBashIds +
         "_hourwheel() {\n"
         "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
         "  local path= next word options= verbs=\n"
         "  COMPREPLY=()\n"
         "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
         "    next=\"${path:+$path }$word\"\n"
         "    case $next in\n"
         "      " +
         all_paths(top) +
         ") path=$next ;;\n"
         "    esac\n"
         "  done\n"
         "  case \"$path:$prev\" in\n" +
         values +
         "  esac\n"
         "  case $path in\n" +
         verbs +
         "  esac\n"
         "  if [[ $cur == -* ]]; then\n"
         "    COMPREPLY=($(compgen -W \"$options\" -- \"$cur\"))\n"
         "  elif [[ -n $verbs ]]; then\n"
         "    COMPREPLY=($(compgen -W \"$verbs\" -- \"$cur\"))\n"
         "  fi\n"
         "}\n"
         "complete -F _hourwheel hourwheel\n";
}

// --- zsh ---

// A colon ends the word of a description.
std::string described(std::string_view word, const std::string& what) {
  std::string text;
  for (char c : word) text += c == ':' ? "\\:" : std::string(1, c);
  return in_quotes(text + ":" + what);
}

std::string zsh_values(const OptionWords& option, Guess guess) {
  if (!option.choices.empty()) return "compadd -- " + joined(option.choices, " ");
  if (guess == Guess::kFile) return "_files";
  if (guess == Guess::kNothing) return ":";
  return std::string("compadd -- ${(f)\"$(hourwheel __complete ") + kind_of(guess) +
         " \"$PREFIX\" 2>/dev/null)\"}";
}

void append_zsh_cases(std::string& values, std::string& verbs, const VerbWords& verb) {
  std::string options;
  std::string argument = ":";
  for (const OptionWords& option : verb.options) {
    const Guess guess = guess_for(verb, option);
    if (!option.has_dashes) {
      argument = zsh_values(option, guess);
      continue;
    }
    for (const std::string& name : option.names) {
      options += " " + described(name, option.what);
      if (option.value.empty()) continue;
      values += "    (" + in_quotes(verb.path + ":" + name) + ") " + zsh_values(option, guess) +
                "; return ;;\n";
    }
  }
  std::string below;
  for (const VerbWords& one : verb.verbs) below += " " + described(one.name(), one.what);
  verbs += "    (" + in_quotes(verb.path) + ")\n      options=(" + options + ")\n      verbs=(" +
           below + ")\n      [[ $PREFIX == -* ]] || " + argument + "\n      ;;\n";
}

std::string zsh_script(const VerbWords& top) {
  std::string values;
  std::string verbs;
  for (const VerbWords* verb : flattened(top)) append_zsh_cases(values, verbs, *verb);
  return "#compdef hourwheel\n"
         "# Completes hourwheel in zsh:  hourwheel completion zsh > \"${fpath[1]}/_hourwheel\"\n"
         "_hourwheel() {\n"
         "  local at= next word\n"
         "  local -a options verbs\n"
         "  for word in \"${(@)words[2,CURRENT-1]}\"; do\n"
         "    next=\"${at:+$at }$word\"\n"
         "    case $next in\n"
         "      (" +
         all_paths(top) +
         ") at=$next ;;\n"
         "    esac\n"
         "  done\n"
         "  case \"$at:${words[CURRENT-1]}\" in\n" +
         values +
         "  esac\n"
         "  case $at in\n" +
         verbs +
         "  esac\n"
         "  if [[ $PREFIX == -* ]]; then\n"
         "    _describe -o option options\n"
         "  elif (( $#verbs )); then\n"
         "    _describe verb verbs\n"
         "  fi\n"
         "}\n"
         "if [[ ${funcstack[1]} == _hourwheel ]]; then\n"
         "  _hourwheel \"$@\"\n"
         "else\n"
         "  compdef _hourwheel hourwheel\n"
         "fi\n";
}

// --- fish ---

std::string fish_values(const OptionWords& option, Guess guess) {
  if (option.value.empty()) return "";
  if (!option.choices.empty()) return " -x -a " + in_quotes(joined(option.choices, " "));
  if (guess == Guess::kFile) return " -r -F";
  if (guess == Guess::kNothing) return " -x";
  return std::string(" -x -a '(hourwheel __complete ") + kind_of(guess) +
         " (commandline -ct) 2>/dev/null)'";
}

void append_fish_lines(std::string& out, const VerbWords& verb) {
  const std::string here =
      "complete -c hourwheel -n " + in_quotes("__hourwheel_at " + in_quotes(verb.path));
  for (const VerbWords& below : verb.verbs) {
    out += here + " -a " + in_quotes(below.name()) + " -d " + in_quotes(below.what) + "\n";
  }
  for (const OptionWords& option : verb.options) {
    const std::string values = fish_values(option, guess_for(verb, option));
    out += here;
    if (option.has_dashes) {
      for (const std::string& name : option.names) {
        out += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
      }
    }
    out += values + " -d " + in_quotes(option.what) + "\n";
  }
}

std::string fish_script(const VerbWords& top) {
  std::string out =
      "# Completes hourwheel in fish:  hourwheel completion fish | source\n"
      "function __hourwheel_at\n"
      "  set -l at ''\n"
      "  for word in (commandline -opc)[2..]\n"
      "    set -l next (string trim -- \"$at $word\")\n"
      "    contains -- $next ";
  for (const VerbWords* verb : flattened(top)) {
    if (!verb->path.empty()) out += in_quotes(verb->path) + " ";
  }
  out +=
      "; and set at $next\n"
      "  end\n"
      "  test \"$at\" = \"$argv[1]\"\n"
      "end\n"
      "complete -c hourwheel -f\n";
  for (const VerbWords* verb : flattened(top)) append_fish_lines(out, *verb);
  return out;
}

}  // namespace

std::string completion_script(Shell shell, const VerbWords& top) {
  switch (shell) {
    case Shell::kBash:
      return bash_script(top);
    case Shell::kZsh:
      return zsh_script(top);
    case Shell::kFish:
      return fish_script(top);
  }
  return "";
}

}  // namespace hourwheel
