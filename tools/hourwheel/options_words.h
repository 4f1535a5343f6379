// Options whose value is one of a few words; only for the files that know CLI11.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <map>
#include <string>

namespace hourwheel {

template <class Choice>
std::string words_of(const std::map<std::string, Choice>& choices) {
  std::string words;
  for (const auto& [word, choice] : choices) words += (words.empty() ? "" : "|") + word;
  return words;
}

// One of a few words. CLI11's own check of an enum would print the numbers behind the words.
template <class Choice>
CLI::Option* add_choice(CLI::App& app, const std::string& name, Choice& chosen,
                        const std::map<std::string, Choice>& choices) {
  auto refuse = [&choices](std::string& word) {
    word = CLI::ignore_case(word);
    if (choices.contains(word)) return std::string();
    return "\"" + word + "\" is none of " + words_of(choices);
  };
  std::function<void(const std::string&)> choose = [&](const std::string& word) {
    chosen = choices.at(word);
  };
  return app.add_option_function(name, choose)
      ->transform(CLI::Validator(refuse, "", ""))
      ->type_name(words_of(choices));
}

}  // namespace hourwheel
