#include "tools/hourwheel/context_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "tools/hourwheel/environment.h"
#include "tools/hourwheel/options_context.h"
#include "tools/hourwheel/read_whole.h"

namespace hourwheel {
namespace {

constexpr mode_t kContextFileMode = 0600;
constexpr mode_t kOthers = 0077;

Status refuse_readable(const std::string& path) {
  struct stat found {};
  if (stat(path.c_str(), &found) == 0 && (found.st_mode & kOthers) != 0) {
    return failure(ErrorCode::kForbidden, "",
                   path + " holds a key and others can read it: chmod 600 " + path);
  }
  return {};
}

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

void append_member(std::string& out, const char* name, const std::string& value) {
  if (!value.empty()) out.append(name).append(" = ").append(quoted(value)).append("\n");
}

std::string to_toml(const Contexts& contexts) {
  std::string out;
  append_member(out, "current", contexts.current);
  for (const Context& context : contexts.all) {
    out += "\n[contexts." + context.name + "]\n";
    append_member(out, "server", context.server);
    append_member(out, "key_file", context.key_file);
    append_member(out, "key", context.key);
    append_member(out, "ca", context.tls.ca);
    append_member(out, "client_certificate", context.tls.certificate);
    append_member(out, "client_key", context.tls.key);
  }
  return out;
}

}  // namespace

const Context* Contexts::find(std::string_view name) const {
  auto found = std::find_if(all.begin(), all.end(),
                            [&](const Context& context) { return context.name == name; });
  return found == all.end() ? nullptr : &*found;
}

Context& Contexts::at(const std::string& name) {
  auto found = std::find_if(all.begin(), all.end(),
                            [&](const Context& context) { return context.name == name; });
  if (found != all.end()) return *found;
  all.emplace_back().name = name;
  return all.back();
}

bool can_be_stored(std::string_view value) {
  return std::none_of(value.begin(), value.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f || c == '#' || c == '"' || c == '\\';
  });
}

std::string contexts_path() {
  std::string folder = environment("XDG_CONFIG_HOME");
  if (folder.empty() && !environment("HOME").empty()) folder = environment("HOME") + "/.config";
  return folder.empty() ? "" : folder + "/hourwheel/config.toml";
}

Result<Contexts> load_contexts(const std::string& path) {
  if (path.empty()) return Contexts{};
  errno = 0;
  std::ifstream file(path);
  if (!file.is_open()) {
    // One that is there and stays closed would send commands, and a key, to another server.
    if (errno == ENOENT || errno == ENOTDIR) return Contexts{};
    return failure(ErrorCode::kIo, "", "cannot read " + path);
  }
  auto contexts = parse_contexts(file);
  if (!contexts) {
    return failure(ErrorCode::kValidationFailed, "", path + ": " + contexts.error().detail);
  }
  const bool secret = std::any_of(contexts->all.begin(), contexts->all.end(),
                                  [](const Context& context) { return !context.key.empty(); });
  if (secret) {
    if (Status kept = refuse_readable(path); !kept) return failure(std::move(kept.error()));
  }
  return contexts;
}

// Written beside it first, so that a full disk takes nothing away.
Status store_contexts(const std::string& path, const Contexts& contexts) {
  if (path.empty()) return failure(ErrorCode::kIo, "", "neither HOME nor XDG_CONFIG_HOME is set");
  std::error_code failed;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), failed);
  const std::string part = path + ".part";
  const std::string text = to_toml(contexts);
  const int file = open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kContextFileMode);
  const bool written =
      file >= 0 && write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  if (file >= 0) close(file);
  if (written && std::rename(part.c_str(), path.c_str()) == 0) return {};
  return failure(ErrorCode::kIo, "", "cannot write " + path);
}

Result<std::string> key_of(const Context& context) {
  if (!context.key.empty() || context.key_file.empty()) return context.key;
  if (Status kept = refuse_readable(context.key_file); !kept) {
    return failure(std::move(kept.error()));
  }
  if (auto key = read_key(context.key_file)) return key;
  return failure(ErrorCode::kIo, "", "cannot read the key in " + context.key_file);
}

}  // namespace hourwheel
