// What the verbs share: options whose value is one of a few words, ids, servers.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tools/arguments/command_line.h"
#include "tools/hourwheel/connection.h"
#include "tools/hourwheel/label_text.h"
#include "tools/hourwheel/output_format.h"

namespace hourwheel {

// How a verb is written, and what its help says of it.
struct Words {
  const char* name;
  const char* what;
  const char* examples;
};

template <class Choice>
Option add_choice(Verb app, const std::string& name, Choice& chosen,
                  const std::map<std::string, Choice>& choices) {
  std::vector<std::string> words;
  words.reserve(choices.size());
  for (const auto& [word, choice] : choices) words.push_back(word);
  return app.add_choice(name, std::move(words), [&chosen, &choices](const std::string& word) {
    chosen = choices.at(word);
  });
}

inline const std::map<std::string, OutputFormat>& formats() {
  static const std::map<std::string, OutputFormat> kFormats = {{"table", OutputFormat::kTable},
                                                               {"wide", OutputFormat::kWide},
                                                               {"json", OutputFormat::kJson},
                                                               {"ndjson", OutputFormat::kNdjson},
                                                               {"name", OutputFormat::kName}};
  return kFormats;
}

inline void add_output(Verb app, OutputFormat& output) {
  add_choice(app, "-o,--output", output, formats()).description("Default: table");
}

// Of what cannot be taken back.
inline void add_yes(Verb app, bool& yes) {
  app.add_flag("--yes", yes, "Do not ask before; needed where nobody can be asked");
}

// Of what shows on a terminal how far it is.
inline void add_quiet(Verb app, bool& quiet) {
  app.add_flag("--quiet", quiet, "Do not show how far it is, also on a terminal");
}

// An empty id would name something else than one thing.
inline Option add_id(Verb app, std::string& id, const std::string& name, const std::string& what) {
  auto refuse = [](const std::string& text) {
    return std::string(text.empty() ? "an id is not empty" : "");
  };
  return app.add_option(name, id, what).check(refuse);
}

// A filter without a value, as of a variable that is not set, would choose everything.
template <class Value>
Option add_filter(Verb app, const std::string& name, Value& value, const std::string& what) {
  auto refuse = [](const std::string& text) {
    return std::string(text.empty() ? "it has no value" : "");
  };
  return app.add_option(name, value, what).check(refuse);
}

// Labels, of a task or to choose by.
inline void add_labels(Verb app, std::vector<std::string>& labels, const std::string& what) {
  auto refuse = [](const std::string& text) {
    return std::string(read_label(text) ? "" : "a label is written key:value or key=value");
  };
  app.add_option("-l,--label", labels, what).check(refuse);
}

inline void add_client_tls(Verb app, ClientTls& tls) {
  add_filter(app, "--ca", tls.ca,
             "File of the certificates (PEM) that an https server is trusted by, in place of the "
             "system's list (HOURWHEEL_CA)");
  const Option certificate = add_filter(
      app, "--client-certificate", tls.certificate,
      "File of a certificate (PEM) to show to the server (HOURWHEEL_CLIENT_CERTIFICATE)");
  add_filter(app, "--client-key", tls.key,
             "File of its key (PEM), where that is another (HOURWHEEL_CLIENT_KEY)")
      .needs(certificate);
}

inline void add_server(Verb app, ServerChoice& server) {
  const Option url = app.add_option(
      "--server", server.url,
      std::string("The server's URL (default: HOURWHEEL_URL, else that of the context, else ") +
          kDefaultServer + ")");
  app.add_option("--context", server.context, "The context to use (default: the current one)")
      .excludes(url);
  add_client_tls(app, server.tls);
  app.add_flag("-v,--verbose", server.verbose, "Tell when a request is sent again");
}

}  // namespace hourwheel
