#include "tools/hourwheel/connection.h"

#include <cstdlib>
#include <utility>

#include "tools/hourwheel/context_file.h"
#include "tools/hourwheel/environment.h"
#include "tools/hourwheel/read_whole.h"

namespace hourwheel {
namespace {

// A variable without a value is as one that is not there.
Result<std::string> token_of_environment() {
  std::string token = environment("HOURWHEEL_TOKEN");
  const std::string path = environment("HOURWHEEL_TOKEN_FILE");
  if (!token.empty() || path.empty()) return token;
  if (auto key = read_key(path)) return key;
  return failure(ErrorCode::kIo, "", "cannot read HOURWHEEL_TOKEN_FILE " + path);
}

// The server of a context with its key, unless the environment has one that goes before.
Result<ServerAccess> access_by(const Context& context, std::string token) {
  ServerAccess access{context.server, std::move(token), "context " + context.name, context.tls};
  if (access.url.empty()) {
    return failure(ErrorCode::kValidationFailed, "",
                   "context " + context.name + " has no server: hourwheel context set " +
                       context.name + " --server URL");
  }
  if (!access.token.empty()) return access;
  auto key = key_of(context);
  if (!key) return failure(std::move(key.error()));
  access.token = std::move(*key);
  return access;
}

// A context that was named on the command line brings its own key, if it has one.
Result<ServerAccess> access_by_name(const std::string& name, std::string token) {
  auto contexts = load_contexts(contexts_path());
  if (!contexts) return failure(std::move(contexts.error()));
  const Context* context = contexts->find(name);
  if (context == nullptr) {
    return failure(ErrorCode::kNotFound, "", "there is no context " + name);
  }
  auto key = key_of(*context);
  if (!key) return failure(std::move(key.error()));
  return access_by(*context, key->empty() ? std::move(token) : std::move(*key));
}

Result<ServerAccess> access_by_default(std::string token) {
  auto contexts = load_contexts(contexts_path());
  if (!contexts) return failure(std::move(contexts.error()));
  if (contexts->current.empty()) {
    return ServerAccess{kDefaultServer, std::move(token), "the default", {}};
  }
  const Context* context = contexts->find(contexts->current);
  if (context == nullptr) {
    return failure(ErrorCode::kNotFound, "",
                   "the current context, " + contexts->current + ", is not there");
  }
  return access_by(*context, std::move(token));
}

ClientTls tls_of_environment() {
  return {environment("HOURWHEEL_CA"), environment("HOURWHEEL_CLIENT_CERTIFICATE"),
          environment("HOURWHEEL_CLIENT_KEY")};
}

ClientTls tls_by(ClientTls first, const ClientTls& second, const ClientTls& third) {
  first.complete_by(second);
  first.complete_by(third);
  return first;
}

}  // namespace

std::string without_password(std::string url) {
  const size_t scheme = url.find("://");
  const size_t begin = scheme == std::string::npos ? 0 : scheme + 3;
  const size_t sign = url.substr(0, url.find_first_of("/?#", begin)).rfind('@');
  if (sign != std::string::npos && sign >= begin) url.erase(begin, sign + 1 - begin);
  return url;
}

Result<ServerAccess> find_access(const ServerChoice& choice) {
  auto token = token_of_environment();
  if (!token) return failure(std::move(token.error()));
  const std::string url = environment("HOURWHEEL_URL");
  Result<ServerAccess> access;
  if (!choice.url.empty()) {
    access = ServerAccess{choice.url, std::move(*token), "--server", {}};
  } else if (!choice.context.empty()) {
    access = access_by_name(choice.context, std::move(*token));
  } else if (!url.empty()) {
    access = ServerAccess{url, std::move(*token), "HOURWHEEL_URL", {}};
  } else {
    access = access_by_default(std::move(*token));
  }
  if (!access) return access;
  const bool named = choice.url.empty() && !choice.context.empty();
  access->tls = tls_by(choice.tls, named ? access->tls : tls_of_environment(),
                       named ? tls_of_environment() : access->tls);
  access->verbose = choice.verbose;
  while (access->url.ends_with('/')) access->url.pop_back();
  return access;
}

}  // namespace hourwheel
