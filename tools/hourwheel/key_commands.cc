#include "tools/hourwheel/key_commands.h"

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string_view>
#include <thread>
#include <utility>

#include "api/json_reader.h"
#include "api/json_writer.h"
#include "api/key_json.h"
#include "api/key_text.h"
#include "api/url_text.h"
#include "engine/key_book.h"
#include "engine/schedule/time_text.h"
#include "store/layout.h"
#include "store/system_file.h"
#include "tools/hourwheel/answer_text.h"
#include "tools/hourwheel/ask.h"
#include "tools/hourwheel/confirm.h"
#include "tools/hourwheel/json_text.h"
#include "tools/hourwheel/table.h"
#include "tools/hourwheel/time_phrase.h"

namespace hourwheel {
namespace {

constexpr Column kKeyColumns[] = {
    {"ID", "id"},
    {"NAME", "name", Show::kProse},
    {"SCOPES", "scopes"},
    {"EXPIRES", "expires_at", Show::kTime},
    {"LAST USED", "last_used_at", Show::kTime},
    {"NETWORKS", "networks"},
    {"TASKS", "quotas.tasks"},
    {"MAX TASKS", "quotas.max_tasks"},
};

int tell(const Error& error, int exit_code) {
  std::fprintf(stderr, "hourwheel: %s\n", error.detail.c_str());
  return exit_code;
}

void write_texts(JsonWriter& json, std::string_view name, const std::vector<std::string>& texts) {
  if (texts.empty()) return;
  json.name(name);
  json.begin_array();
  for (const std::string& text : texts) json.string(text);
  json.end_array();
}

void print_keys(const JsonValue& page, const Terminal& terminal) {
  Table table(kKeyColumns, look_of(OutputFormat::kTable, terminal));
  for (const JsonValue& key : members_of(page, "keys")) table.add(key);
  std::fputs(table.text().c_str(), stdout);
}

// "100/10s".
Status write_rate_limit(JsonWriter& json, const std::string& text) {
  if (text.empty()) return {};
  const size_t slash = text.find('/');
  const std::string count = text.substr(0, slash);
  const bool whole = !count.empty() && count.size() < 10 &&
                     count.find_first_not_of("0123456789") == std::string::npos;
  const auto per =
      slash == std::string::npos ? parse_duration("") : parse_duration(text.substr(slash + 1));
  if (!whole || !per) {
    return failure(ErrorCode::kValidationFailed, "",
                   "--rate-limit is a number of operations and a time, as 100/10s");
  }
  json.name("rate_limit");
  json.begin_object();
  json.name("operations");
  json.count(std::stoull(count));
  json.name("per");
  json.duration(*per);
  json.end_object();
  return {};
}

// What POST /v1/keys takes.
Result<std::string> key_body(const KeyOptions& options, Instant now) {
  std::string body;
  JsonWriter json(body);
  json.begin_object();
  json.name("name");
  json.string(options.name);
  if (!options.role.empty()) {
    json.name("role");
    json.string(options.role);
  }
  write_texts(json, "scopes", options.scopes);
  write_texts(json, "networks", options.networks);
  if (!options.expires.empty()) {
    json.name("expires_at");
    auto duration = parse_duration(options.expires);
    auto text = settled_instant(options.expires, now);
    if (!text) return failure(std::move(text.error()));
    auto instant = duration ? Result<Instant>(now + *duration) : parse_instant(*text);
    if (!instant) {
      return failure(ErrorCode::kValidationFailed, "",
                     "--expires is an instant (2030-01-01T00:00:00Z) or a duration (90d)");
    }
    json.instant(*instant);
  }
  if (auto good = write_rate_limit(json, options.rate_limit); !good) {
    return failure(std::move(good.error()));
  }
  if (options.max_tasks > 0) {
    json.name("quotas");
    json.begin_object();
    json.name("max_tasks");
    json.count(options.max_tasks);
    json.end_object();
  }
  json.end_object();
  return body;
}

void print_new_key(std::string_view text, std::string_view id) {
  std::printf("%.*s\n", static_cast<int>(text.size()), text.data());
  std::fflush(stdout);
  std::fprintf(stderr,
               "This is shown once. Send it as Authorization: Bearer …, or give it to this command "
               "in HOURWHEEL_TOKEN.\nIts id is %.*s.\n",
               static_cast<int>(id.size()), id.data());
}

// --- in a folder that no server uses ---

struct OpenBook {
  std::unique_ptr<DataFolder> folder;
  std::unique_ptr<SystemFile> file;
  std::unique_ptr<KeyBook> book;
};

Result<OpenBook> open_book(const KeyOptions& options) {
  const uint32_t cores = std::max(1U, std::thread::hardware_concurrency());
  // The first key may come before the first start.
  auto folder = options.verb == KeyVerb::kCreate
                    ? DataFolder::open_or_create(options.data_dir, cores)
                    : DataFolder::open(options.data_dir);
  if (!folder) return failure(std::move(folder.error()));
  auto file = SystemFile::open(**folder);
  if (!file) return failure(std::move(file.error()));
  auto keys = (*file)->keys();
  if (!keys) return failure(std::move(keys.error()));
  auto book = std::make_unique<KeyBook>(**file, std::move(*keys));
  return OpenBook{std::move(*folder), std::move(*file), std::move(book)};
}

int create_in(OpenBook& open, const std::string& body, Instant now) {
  const std::string padded = body + std::string(kJsonPadding, '\0');
  JsonReader reader;
  auto object = reader.parse(std::string_view(padded).substr(0, body.size()));
  if (!object) return tell(object.error(), kUsage);
  FieldErrors errors;
  KeyRequest request{{}, KeyAction::kAdd, read_api_key(*object, now, errors)};
  if (!errors.empty()) return tell({{}, "", problem_of(std::move(errors)).detail}, kUsage);
  auto text = make_secret(request.key);
  if (!text) return tell(text.error(), kFailure);
  const std::string id = request.key.id;  // carrying it out takes the rest
  auto made = open.book->carry_out(request, now);
  if (!made) return tell(made.error(), kFailure);
  print_new_key(*text, id);
  return kOk;
}

int list_in(const OpenBook& open, const Terminal& terminal) {
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  json.name("keys");
  json.begin_array();
  for (const ApiKey& key : open.book->keys()) write_api_key(json, key, std::nullopt);
  json.end_array();
  json.end_object();
  const size_t size = text.size();
  text.append(kJsonPadding, '\0');
  JsonReader reader;
  auto all = reader.parse(std::string_view(text).substr(0, size));
  if (!all) return tell(all.error(), kFailure);
  print_keys(*all, terminal);
  return kOk;
}

std::string revoke_question(const std::string& id, const std::string& name,
                            const std::string& tasks) {
  return "1 key would be revoked for good: " + id + " (" + name + ")" +
         (tasks == "-" || tasks == "0" ? "" : ", which made " + tasks + " of the tasks") +
         ". Go on?";
}

int revoke_in(OpenBook& open, const KeyOptions& options, Instant now, Terminal& terminal) {
  const std::string& id = options.id;
  const std::vector<ApiKey>& keys = open.book->keys();
  const auto found =
      std::find_if(keys.begin(), keys.end(), [&id](const ApiKey& key) { return key.id == id; });
  if (found != keys.end() && !options.yes) {
    const int agreed = confirm(terminal, revoke_question(id, found->name, "-"));
    if (agreed != kOk) return agreed;
  }
  KeyRequest request{{}, KeyAction::kRevoke, {}};
  request.key.id = id;
  auto done = open.book->carry_out(request, now);
  if (!done) return tell(done.error(), kNotFound);
  std::printf("revoked %s\n", id.c_str());
  return kOk;
}

// --- of a server ---

int print_answer(const KeyOptions& options, const ApiAnswer& answer, const Terminal& terminal) {
  JsonReader reader;
  auto body = reader.parse(answer.body);
  if (!body) return tell({{}, "", "the server's answer is not JSON"}, kFailure);
  switch (options.verb) {
    case KeyVerb::kCreate:
      print_new_key(text_at(*body, "key"), text_at(*body, "id"));
      break;
    case KeyVerb::kList:
      print_keys(*body, terminal);
      break;
    case KeyVerb::kRevoke:
      std::printf("revoked %s\n", options.id.c_str());
      break;
  }
  return kOk;
}

ApiRequest request_for(const KeyOptions& options, const std::string& body) {
  switch (options.verb) {
    case KeyVerb::kCreate:
      return {"POST", "/v1/keys", body};
    case KeyVerb::kList:
      break;
    case KeyVerb::kRevoke:
      return {"DELETE", "/v1/keys/" + percent_encode(options.id), ""};
  }
  return {"GET", "/v1/keys", ""};
}

int confirm_revoke(const KeyOptions& options, ApiClient& client, Terminal& terminal) {
  auto answer = ask(client, {"GET", "/v1/keys/" + percent_encode(options.id), ""});
  if (!answer) return answer.error();
  auto key = JsonText::read(std::move(answer->body));
  if (!key) return complain("the server's answer is not JSON", kFailure);
  return confirm(terminal, revoke_question(options.id, text_at(key->top(), "name"),
                                           text_at(key->top(), "quotas.tasks")));
}

// `now` is that of the body: a short life must not have passed while the folder was opened.
int run_in_folder(const KeyOptions& options, const std::string& body, Instant now,
                  Terminal& terminal) {
  auto open = open_book(options);
  if (!open) return tell(open.error(), kFailure);
  switch (options.verb) {
    case KeyVerb::kCreate:
      return create_in(*open, body, now);
    case KeyVerb::kList:
      return list_in(*open, terminal);
    case KeyVerb::kRevoke:
      return revoke_in(*open, options, now, terminal);
  }
  return kFailure;
}

}  // namespace

int run_key_command(const KeyOptions& options, Terminal& terminal) {
  const Instant now = terminal.now();
  auto body = key_body(options, now);
  if (!body) return tell(body.error(), kUsage);
  if (!options.data_dir.empty()) return run_in_folder(options, *body, now, terminal);
  auto client = connect(options.server);
  if (!client) return client.error();
  if (options.verb == KeyVerb::kRevoke && !options.yes) {
    const int agreed = confirm_revoke(options, *client, terminal);
    if (agreed != kOk) return agreed;
  }
  auto answer = ask(*client, request_for(options, *body));
  if (!answer) return answer.error();
  return print_answer(options, *answer, terminal);
}

}  // namespace hourwheel
