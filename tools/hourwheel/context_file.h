// Named servers and their keys, in the user's own configuration file (TOML):
//
//   current = "prod"
//   [contexts.prod]
//   server = "https://scheduler.example"
//   key_file = "/home/me/.config/hourwheel/prod.key"
//   ca = "/home/me/.config/hourwheel/prod-ca.pem"
//
// Beside ca there may be client_certificate and client_key: files, too.
// Instead of key_file there may be key; then nobody else may read the file.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "tools/hourwheel/client_tls.h"

namespace hourwheel {

struct Context {
  std::string name;
  std::string server;
  std::string key_file;
  std::string key;
  ClientTls tls;
};

struct Contexts {
  std::string current;  // empty: none
  std::vector<Context> all;

  // Null: there is none of that name.
  [[nodiscard]] const Context* find(std::string_view name) const;
  // Adds it if it is absent.
  Context& at(const std::string& name);
};

// $XDG_CONFIG_HOME/hourwheel/config.toml, else under ~/.config; empty: there is no home.
std::string contexts_path();

// Whether a value is read from the file as it was written; the reader knows no escapes.
bool can_be_stored(std::string_view value);

// Without a file there are none; one that cannot be opened is an error.
Result<Contexts> load_contexts(const std::string& path);
// The folder is made if it is absent, the file only for its owner.
Status store_contexts(const std::string& path, const Contexts& contexts);

// The key of a context; empty: it has none. A file that others can read is refused.
Result<std::string> key_of(const Context& context);

}  // namespace hourwheel
