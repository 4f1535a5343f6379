#include "tools/hourwheel/context_commands.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "api/json_reader.h"
#include "api/json_writer.h"
#include "tools/hourwheel/answer_print.h"
#include "tools/hourwheel/answer_text.h"
#include "tools/hourwheel/ask.h"
#include "tools/hourwheel/connection.h"

namespace hourwheel {
namespace {

constexpr Column kContextColumns[] = {
    {"NAME", "name"}, {"CURRENT", "current"}, {"SERVER", "server"}, {"KEY FILE", "key_file"}};
constexpr Column kNow[] = {
    {"SERVER", "server"}, {"BECAUSE OF", "source"}, {"KEY", "key"}, {"CONTEXT", "context"}};

void write_file(JsonWriter& json, const char* name, const std::string& path) {
  json.name(name);
  if (path.empty()) {
    json.null();
  } else {
    json.string(path);
  }
}

// Keys themselves are not shown.
void write_context(JsonWriter& json, const Context& context, const Contexts& among) {
  json.begin_object();
  json.name("name");
  json.string(context.name);
  json.name("server");
  json.string(context.server);
  json.name("current");
  if (context.name == among.current) {
    json.string("*");
  } else {
    json.null();
  }
  write_file(json, "key_file", context.key_file);
  write_file(json, "ca", context.tls.ca);
  write_file(json, "client_certificate", context.tls.certificate);
  write_file(json, "client_key", context.tls.key);
  json.end_object();
}

int list(const Contexts& contexts, const View& view) {
  std::string text = "{\"contexts\":[";
  for (const Context& context : contexts.all) {
    if (!text.ends_with('[')) text += ',';
    JsonWriter json(text);
    write_context(json, context, contexts);
  }
  const ApiAnswer answer = answer_made_here(text + "]}");
  JsonReader reader;
  auto body = reader.parse(answer.body);
  if (!body) return complain("a name or path in the configuration is not UTF-8", kFailure);
  ListPrinter printer(view, "contexts", kContextColumns);
  printer.take({answer, members_of(*body, "contexts"), "", true, true});
  return kOk;
}

int show(const ContextOptions& options, const Contexts& contexts, const View& view) {
  std::string text;
  JsonWriter json(text);
  if (!options.name.empty()) {
    const Context* context = contexts.find(options.name);
    if (context == nullptr) return complain("there is no context " + options.name, kNotFound);
    write_context(json, *context, contexts);
    return print_object(view, answer_made_here(text), kContextColumns);
  }
  auto access = find_access({});
  if (!access) return complain(access.error().detail, kUsage);
  json.begin_object();
  json.name("server");
  json.string(access->url);
  json.name("source");
  json.string(access->source);
  json.name("key");
  json.string(access->token.empty() ? "none" : "given");
  json.end_object();
  return print_object(view, answer_made_here(text), kNow);
}

// A command may be given in any folder.
std::string from_any_folder(const std::string& path) {
  std::error_code unknown;
  return path.empty() ? "" : std::filesystem::absolute(path, unknown).string();
}

// kOk, or the exit code after the reason was told.
int set_context(const ContextOptions& options, Contexts& contexts) {
  const bool known = contexts.find(options.name) != nullptr;
  if (!known && options.server.empty()) return complain("a new context needs --server", kUsage);
  const std::string key_file = from_any_folder(options.key_file);
  ClientTls tls{from_any_folder(options.tls.ca), from_any_folder(options.tls.certificate),
                from_any_folder(options.tls.key)};
  for (const std::string& value : {options.server, key_file, tls.ca, tls.certificate, tls.key}) {
    if (can_be_stored(value)) continue;
    return complain("a server or file is written without #, \", \\ and control characters", kUsage);
  }
  Context& context = contexts.at(options.name);
  if (!options.server.empty()) context.server = options.server;
  if (!key_file.empty()) context.key_file = key_file;
  tls.complete_by(context.tls);
  context.tls = std::move(tls);
  if (contexts.all.size() == 1) contexts.current = options.name;
  return kOk;
}

int use_or_remove(const ContextOptions& options, Contexts& contexts) {
  if (contexts.find(options.name) == nullptr) {
    return complain("there is no context " + options.name, kNotFound);
  }
  if (options.verb == ContextVerb::kUse) {
    contexts.current = options.name;
    return kOk;
  }
  std::erase_if(contexts.all, [&](const Context& one) { return one.name == options.name; });
  if (contexts.current == options.name) contexts.current.clear();
  return kOk;
}

// Programs get the context as it is now.
int change(const ContextOptions& options, Contexts contexts, const View& view) {
  const int changed = options.verb == ContextVerb::kSet ? set_context(options, contexts)
                                                        : use_or_remove(options, contexts);
  if (changed != kOk) return changed;
  if (Status stored = store_contexts(contexts_path(), contexts); !stored) {
    return complain(stored.error().detail, kFailure);
  }
  if (!view.for_people() && options.verb != ContextVerb::kRemove) {
    return show(options, contexts, view);
  }
  std::fprintf(stderr, "current context: %s\n",
               contexts.current.empty() ? "none" : contexts.current.c_str());
  return kOk;
}

}  // namespace

int run_context_command(const ContextOptions& options, const Terminal& terminal) {
  auto contexts = load_contexts(contexts_path());
  if (!contexts) return complain(contexts.error().detail, kUsage);
  const View view{options.output, terminal};
  switch (options.verb) {
    case ContextVerb::kList:
      return list(*contexts, view);
    case ContextVerb::kShow:
      return show(options, *contexts, view);
    case ContextVerb::kUse:
    case ContextVerb::kSet:
    case ContextVerb::kRemove:
      break;
  }
  return change(options, std::move(*contexts), view);
}

}  // namespace hourwheel
