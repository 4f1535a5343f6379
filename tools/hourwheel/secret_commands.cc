#include "tools/hourwheel/secret_commands.h"

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string_view>
#include <utility>

#include "api/base64.h"
#include "api/json_reader.h"
#include "api/json_writer.h"
#include "api/secret_json.h"
#include "api/url_text.h"
#include "engine/schedule/time_text.h"
#include "engine/secret_book.h"
#include "net/secret_box.h"
#include "store/layout.h"
#include "store/system_file.h"
#include "tools/hourwheel/answer_print.h"
#include "tools/hourwheel/answer_text.h"
#include "tools/hourwheel/ask.h"
#include "tools/hourwheel/confirm.h"
#include "tools/hourwheel/read_whole.h"

namespace hourwheel {
namespace {

constexpr Column kSecretColumns[] = {
    {"NAME", "name"},
    {"VERSION", "version"},
    {"HOSTS", "hosts"},
    {"UPDATED", "updated_at", Show::kTime},
    {"PREVIOUS UNTIL", "previous_until", Show::kTime},
};

// The end of the last line is the editor's, not the secret's.
void drop_line_end(std::string& text) {
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
}

Told<SecretText> read_value(const SecretOptions& options, Terminal& terminal) {
  std::string text;
  if (!options.from_file.empty()) {
    auto read = read_whole(options.from_file);
    if (!read) return tl::unexpected(complain(read.error().detail, kUsage));
    text = std::move(*read);
    drop_line_end(text);
  } else if (terminal.facts().can_ask) {
    text = terminal.ask_hidden("value of " + options.name + ":").value_or("");
  } else {
    return tl::unexpected(
        complain("nobody can be asked for the value: say --from-file FILE, or - for standard input",
                 kUsage));
  }
  SecretText value = SecretText::taken_from(text);
  if (value.empty()) return tl::unexpected(complain("the value is empty", kUsage));
  return value;
}

// What PUT /v1/secrets/{name} takes.
Told<std::string> body_of(const SecretOptions& options, const SecretText& value) {
  std::string body;
  JsonWriter json(body);
  json.begin_object();
  json.name("value_base64");
  std::string encoded = base64_encode(value.view(), Base64::kStandard);
  json.string(encoded);
  wipe(encoded);
  if (!options.hosts.empty() || options.any_host) {
    json.name("hosts");
    json.begin_array();
    for (const std::string& host : options.hosts) json.string(host);
    json.end_array();
  }
  if (!options.keep_previous.empty()) {
    auto duration = parse_duration(options.keep_previous);
    if (!duration) {
      return tl::unexpected(complain("--keep-previous: " + duration.error().detail, kUsage));
    }
    json.name("keep_previous");
    json.duration(*duration);
  }
  json.end_object();
  return body;
}

int set(const SecretOptions& options, Terminal& terminal) {
  auto client = connect(options.server);
  if (!client) return client.error();
  auto value = read_value(options, terminal);
  if (!value) return value.error();
  auto body = body_of(options, *value);
  if (!body) return body.error();
  ApiRequest request{"PUT", "/v1/secrets/" + percent_encode(options.name), std::move(*body)};
  auto answer = ask(*client, request);
  wipe(request.body);
  if (!answer) return answer.error();
  const View view{options.output, terminal};
  if (!view.for_people()) return print_object(view, *answer, kSecretColumns);
  std::printf("%s %s\n", answer->status == 201 ? "created" : "replaced", options.name.c_str());
  return kOk;
}

// Of one that was.
int print_deleted(const SecretOptions& options, const ApiAnswer& answer, const Terminal& terminal) {
  const View view{options.output, terminal};
  if (!view.for_people()) return print_object(view, answer, kSecretColumns);
  std::printf("deleted %s\n", options.name.c_str());
  return kOk;
}

int print_secrets(const ApiAnswer& answer, const SecretOptions& options, const Terminal& terminal) {
  JsonReader reader;
  auto page = reader.parse(answer.body);
  if (!page) return complain("the server's answer is not JSON", kFailure);
  ListPrinter({options.output, terminal}, "secrets", kSecretColumns)
      .take({answer, members_of(*page, "secrets"), "", true, true});
  return kOk;
}

std::string delete_question(const std::string& name) {
  return "1 secret would be deleted for good: " + name +
         ". Attempts of tasks that name it fail from then on. Go on?";
}

// --- in a folder that no server uses ---

int delete_in(SecretBook& book, const SecretOptions& options, Terminal& terminal) {
  const std::vector<StoredSecret>& secrets = book.secrets();
  const bool is_there = std::any_of(secrets.begin(), secrets.end(), [&](const StoredSecret& one) {
    return one.name == options.name;
  });
  if (is_there && !options.yes) {
    const int agreed = confirm(terminal, delete_question(options.name));
    if (agreed != kOk) return agreed;
  }
  SecretRequest request;
  request.action = SecretAction::kDelete;
  request.name = options.name;
  auto done = book.carry_out(request, terminal.now());
  if (!done) {
    const bool none = done.error().code == ErrorCode::kNotFound;
    return complain(done.error().detail, none ? kNotFound : kFailure);
  }
  std::string text;
  JsonWriter json(text);
  write_secret(json, done->secret, terminal.now());
  return print_deleted(options, answer_made_here(std::move(text)), terminal);
}

int run_in_folder(const SecretOptions& options, Terminal& terminal) {
  auto folder = DataFolder::open(options.data_dir);
  if (!folder) return complain(folder.error().detail, kFailure);
  auto file = SystemFile::open(**folder);
  if (!file) return complain(file.error().detail, kFailure);
  auto stored = (*file)->secrets();
  if (!stored) return complain(stored.error().detail, kFailure);
  const SecretBox nothing_opens({}, "");
  SecretBook book(**file, nothing_opens, std::move(*stored));
  if (options.verb == SecretVerb::kDelete) return delete_in(book, options, terminal);
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  json.name("secrets");
  json.begin_array();
  for (const StoredSecret& secret : book.secrets()) write_secret(json, secret, terminal.now());
  json.end_array();
  json.end_object();
  return print_secrets(answer_made_here(std::move(text)), options, terminal);
}

}  // namespace

int run_secret_command(const SecretOptions& options, Terminal& terminal) {
  if (options.verb == SecretVerb::kSet) return set(options, terminal);
  if (!options.data_dir.empty()) return run_in_folder(options, terminal);
  auto client = connect(options.server);
  if (!client) return client.error();
  const bool lists = options.verb == SecretVerb::kList;
  const std::string path = "/v1/secrets/" + percent_encode(options.name);
  if (!lists && !options.yes) {
    auto found = ask(*client, {"GET", path, ""});
    if (!found) return found.error();
    const int agreed = confirm(terminal, delete_question(options.name));
    if (agreed != kOk) return agreed;
  }
  auto answer =
      ask(*client, lists ? ApiRequest{"GET", "/v1/secrets", ""} : ApiRequest{"DELETE", path, ""});
  if (!answer) return answer.error();
  return lists ? print_secrets(*answer, options, terminal)
               : print_deleted(options, *answer, terminal);
}

}  // namespace hourwheel
