#include "tools/hourwheel/connection.h"

#include <cstdlib>
#include <fstream>

namespace hourwheel {
namespace {

// A variable without a value is as one that is not there.
std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

Result<std::string> read_key_file(const std::string& path) {
  std::ifstream file(path);
  std::string key;
  if (std::getline(file, key)) return key;
  return failure(ErrorCode::kIo, "", "cannot read the key in " + path);
}

std::string without_slash(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  return url;
}

}  // namespace

Result<ServerAccess> find_connection(const ServerChoice& choice) {
  ServerAccess connection;
  connection.url = choice.url.empty() ? environment("HOURWHEEL_URL") : choice.url;
  if (connection.url.empty()) connection.url = kDefaultServer;
  connection.url = without_slash(std::move(connection.url));
  connection.token = environment("HOURWHEEL_TOKEN");
  const std::string file = environment("HOURWHEEL_TOKEN_FILE");
  if (!connection.token.empty() || file.empty()) return connection;
  auto key = read_key_file(file);
  if (!key) return failure(std::move(key.error()));
  connection.token = std::move(*key);
  return connection;
}

}  // namespace hourwheel
