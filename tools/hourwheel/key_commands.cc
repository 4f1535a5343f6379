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
#include "tools/hourwheel/answer_print.h"
#include "tools/hourwheel/answer_text.h"
#include "tools/hourwheel/ask.h"
#include "tools/hourwheel/confirm.h"
#include "tools/hourwheel/json_text.h"
#include "tools/hourwheel/label_text.h"
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
    {"SELECTION", "selection", Show::kLabels},
};

tl::unexpected<int> not_done(const Error& error, int exit_code) {
  return tl::unexpected(complain(error.detail, exit_code));
}

void write_texts(JsonWriter& json, std::string_view name, const std::vector<std::string>& texts) {
  if (texts.empty()) return;
  json.name(name);
  json.begin_array();
  for (const std::string& text : texts) json.string(text);
  json.end_array();
}

void write_key_selection(JsonWriter& json, const std::vector<std::string>& labels) {
  if (labels.empty()) return;
  json.name("selection");
  json.begin_object();
  for (const std::string& text : labels) {
    const LabelText label = label_of(text);
    json.user_name(label.key);
    json.string(label.value);
  }
  json.end_object();
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
  write_key_selection(json, options.labels);
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

Told<ApiAnswer> create_in(OpenBook& open, const std::string& body, Instant now) {
  const std::string padded = body + std::string(kJsonPadding, '\0');
  JsonReader reader;
  auto object = reader.parse(std::string_view(padded).substr(0, body.size()));
  if (!object) return not_done(object.error(), kUsage);
  FieldErrors errors;
  KeyRequest request{{}, KeyAction::kAdd, read_api_key(*object, now, errors)};
  if (!errors.empty()) return not_done({{}, "", problem_of(std::move(errors)).detail}, kUsage);
  auto key_text = make_secret(request.key);
  if (!key_text) return not_done(key_text.error(), kFailure);
  auto made = open.book->carry_out(request, now);
  if (!made) return not_done(made.error(), kFailure);
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  write_key_members(json, made->keys.front(), std::nullopt);
  json.name("key");
  json.string(*key_text);
  json.end_object();
  return answer_made_here(std::move(text));
}

ApiAnswer list_in(const OpenBook& open) {
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  json.name("keys");
  json.begin_array();
  for (const ApiKey& key : open.book->keys()) write_api_key(json, key, std::nullopt);
  json.end_array();
  json.end_object();
  return answer_made_here(std::move(text));
}

std::string revoke_question(const std::string& id, const std::string& name,
                            const std::string& tasks) {
  return "1 key would be revoked for good: " + id + " (" + name + ")" +
         (tasks == "-" || tasks == "0" ? "" : ", which made " + tasks + " of the tasks") +
         ". Go on?";
}

Told<ApiAnswer> revoke_in(OpenBook& open, const KeyOptions& options, Instant now,
                          Terminal& terminal) {
  const std::string& id = options.id;
  const std::vector<ApiKey>& keys = open.book->keys();
  const auto found =
      std::find_if(keys.begin(), keys.end(), [&id](const ApiKey& key) { return key.id == id; });
  if (found != keys.end() && !options.yes) {
    const int agreed = confirm(terminal, revoke_question(id, found->name, "-"));
    if (agreed != kOk) return tl::unexpected(agreed);
  }
  KeyRequest request{{}, KeyAction::kRevoke, {}};
  request.key.id = id;
  auto done = open.book->carry_out(request, now);
  if (!done) return not_done(done.error(), kNotFound);
  std::string text;
  JsonWriter json(text);
  write_api_key(json, done->keys.front(), std::nullopt);
  return answer_made_here(std::move(text));
}

// --- of a server ---

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

Told<ApiAnswer> answer_of_server(const KeyOptions& options, const std::string& body,
                                 Terminal& terminal) {
  auto client = connect(options.server);
  if (!client) return tl::unexpected(client.error());
  if (options.verb == KeyVerb::kRevoke && !options.yes) {
    const int agreed = confirm_revoke(options, *client, terminal);
    if (agreed != kOk) return tl::unexpected(agreed);
  }
  return ask(*client, request_for(options, body));
}

// `now` is that of the body: a short life must not have passed while the folder was opened.
Told<ApiAnswer> answer_of_folder(const KeyOptions& options, const std::string& body, Instant now,
                                 Terminal& terminal) {
  auto open = open_book(options);
  if (!open) return not_done(open.error(), kFailure);
  switch (options.verb) {
    case KeyVerb::kCreate:
      return create_in(*open, body, now);
    case KeyVerb::kList:
      return list_in(*open);
    case KeyVerb::kRevoke:
      return revoke_in(*open, options, now, terminal);
  }
  return tl::unexpected(static_cast<int>(kFailure));
}

int print_answer(const KeyOptions& options, const ApiAnswer& answer, const View& view) {
  if (options.verb != KeyVerb::kList && !view.for_people()) {
    return print_object(view, answer, kKeyColumns);
  }
  JsonReader reader;
  auto body = reader.parse(answer.body);
  if (!body) return complain("the server's answer is not JSON", kFailure);
  switch (options.verb) {
    case KeyVerb::kCreate:
      print_new_key(text_at(*body, "key"), text_at(*body, "id"));
      break;
    case KeyVerb::kList:
      ListPrinter(view, "keys", kKeyColumns)
          .take({answer, members_of(*body, "keys"), "", true, true});
      break;
    case KeyVerb::kRevoke:
      std::printf("revoked %s\n", options.id.c_str());
      break;
  }
  return kOk;
}

}  // namespace

int run_key_command(const KeyOptions& options, Terminal& terminal) {
  if (options.verb == KeyVerb::kCreate && options.output == OutputFormat::kName) {
    return complain("-o name would lose the key, which is shown once", kUsage);
  }
  const Instant now = terminal.now();
  auto body = key_body(options, now);
  if (!body) return complain(body.error().detail, kUsage);
  auto answer = options.data_dir.empty() ? answer_of_server(options, *body, terminal)
                                         : answer_of_folder(options, *body, now, terminal);
  if (!answer) return answer.error();
  return print_answer(options, *answer, {options.output, terminal});
}

}  // namespace hourwheel
