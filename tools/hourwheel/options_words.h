// What the verbs share: options whose value is one of a few words, ids, servers. Only for the files
// that know CLI11.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <istream>
#include <map>
#include <string>

#include "tools/hourwheel/connection.h"
#include "tools/hourwheel/output_format.h"

namespace hourwheel {

// How a verb is written, and what its help says of it.
struct Words {
  const char* name;
  const char* what;
  const char* examples;
};

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

inline const std::map<std::string, OutputFormat>& formats() {
  static const std::map<std::string, OutputFormat> kFormats = {{"table", OutputFormat::kTable},
                                                               {"wide", OutputFormat::kWide},
                                                               {"json", OutputFormat::kJson},
                                                               {"ndjson", OutputFormat::kNdjson},
                                                               {"name", OutputFormat::kName}};
  return kFormats;
}

inline void add_output(CLI::App& app, OutputFormat& output) {
  add_choice(app, "-o,--output", output, formats())->description("Default: table");
}

// An empty id would name something else than one thing.
inline CLI::Option* add_id(CLI::App& app, std::string& id, const std::string& name,
                           const std::string& what) {
  auto refuse = [](const std::string& text) {
    return std::string(text.empty() ? "an id is not empty" : "");
  };
  return app.add_option(name, id, what)->check(refuse);
}

// A filter without a value, as of a variable that is not set, would choose everything.
template <class Value>
CLI::Option* add_filter(CLI::App& app, const std::string& name, Value& value,
                        const std::string& what) {
  auto refuse = [](const std::string& text) {
    return std::string(text.empty() ? "it has no value" : "");
  };
  return app.add_option(name, value, what)->check(refuse);
}

inline void add_client_tls(CLI::App& app, ClientTls& tls) {
  add_filter(app, "--ca", tls.ca,
             "File of the certificates (PEM) that an https server is trusted by, in place of the "
             "system's list (HOURWHEEL_CA)");
  CLI::Option* certificate = add_filter(
      app, "--client-certificate", tls.certificate,
      "File of a certificate (PEM) to show to the server (HOURWHEEL_CLIENT_CERTIFICATE)");
  add_filter(app, "--client-key", tls.key,
             "File of its key (PEM), where that is another (HOURWHEEL_CLIENT_KEY)")
      ->needs(certificate);
}

inline void add_server(CLI::App& app, ServerChoice& server) {
  CLI::Option* url = app.add_option(
      "--server", server.url,
      std::string("The server's URL (default: HOURWHEEL_URL, else that of the context, else ") +
          kDefaultServer + ")");
  app.add_option("--context", server.context, "The context to use (default: the current one)")
      ->excludes(url);
  add_client_tls(app, server.tls);
}

// CLI11 takes any # for the begin of a comment, also within quotes: such a line is refused.
inline std::string without_hidden_comments(std::istream& in) {
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

}  // namespace hourwheel
