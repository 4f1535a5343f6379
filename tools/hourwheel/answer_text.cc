#include "tools/hourwheel/answer_text.h"

#include <array>
#include <cstdio>
#include <optional>

namespace hourwheel {
namespace {

struct Hint {
  std::string_view code;
  const char* text;
};
constexpr std::array kHints = {
    Hint{"unauthorized", "give a key in HOURWHEEL_TOKEN, or a file's name in HOURWHEEL_TOKEN_FILE"},
    Hint{"forbidden", "another key may: `hourwheel key list` shows what each is for"},
    Hint{"quota-exceeded", "delete a task that this key made; `hourwheel key list` counts them"},
    Hint{"not-found", "`hourwheel task list` and `hourwheel run list` show what there is"},
    Hint{"already-exists", "`hourwheel task apply -f FILE` replaces a task that exists"},
    Hint{"version-mismatch", "it was changed meanwhile: look at it again before you change it"},
    Hint{"precondition-required", "give the version that `hourwheel task get` shows"},
    Hint{"invalid-schedule", "`hourwheel cron next SCHEDULE` shows what a schedule does"},
    Hint{"never-fires", "`hourwheel cron next SCHEDULE` shows what a schedule does"},
    Hint{"past-instant", "an instant is taken as +10m too; allow_past in the schedule runs it now"},
    Hint{"invalid-timezone", "zones are named as in Europe/Berlin"},
    Hint{"storage-low", "the server's volume is nearly full: `hourwheel server` shows how full"},
    Hint{"storage-full", "the server's volume is full; it goes on by itself when there is space"},
};

std::optional<JsonValue> find_path(const JsonValue& object, std::string_view path) {
  const size_t dot = path.find('.');
  auto value = object.find(path.substr(0, dot));
  if (dot == std::string_view::npos || !value) return value;
  if (!value->is(JsonKind::kObject)) return std::nullopt;
  return find_path(*value, path.substr(dot + 1));
}

std::string plain_text(const JsonValue& value) {
  const bool scalar = !value.is(JsonKind::kObject) && !value.is(JsonKind::kArray);
  return std::string(scalar ? value.text() : value.raw());
}

int exit_code_of(long status) {
  if (status == 404) return kNotFound;
  if (status == 401 || status == 403) return kRefused;
  return status == 409 || status == 412 || status == 428 ? kConflict : kFailure;
}

void print_hint(const ApiAnswer& answer, const std::string& code) {
  if (answer.retry_after_s > 0) {
    std::fprintf(stderr, "  hint: try again in %ld s\n", answer.retry_after_s);
    return;
  }
  for (const Hint& hint : kHints) {
    if (hint.code == code) std::fprintf(stderr, "  hint: %s\n", hint.text);
  }
}

}  // namespace

void blank_controls(std::string& text) {
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const auto next = static_cast<unsigned char>(i + 1 < text.size() ? text[i + 1] : 0);
    // U+0080 to U+009F: some terminals take U+009B for ESC [.
    const bool high = byte == 0xC2 && next >= 0x80 && next <= 0x9F;
    if (high) text.erase(i, 1);
    if (high || byte < 0x20 || byte == 0x7f) text[i] = ' ';
  }
}

std::string text_at(const JsonValue& object, std::string_view path) {
  auto value = find_path(object, path);
  if (!value || value->is(JsonKind::kNull)) return "-";
  std::string text = plain_text(*value);
  if (value->is(JsonKind::kObject) && value->find("code") && value->find("message")) {
    text = value->find("code")->text();
    const std::string message(value->find("message")->text());
    if (!message.empty()) text += ": " + message;
  }
  blank_controls(text);
  return text;
}

std::vector<JsonValue> members_of(const JsonValue& page, const char* list) {
  std::vector<JsonValue> rows;
  auto array = page.find(list);
  if (!array || !array->is(JsonKind::kArray)) return rows;
  for (auto value = array->first(); value; value = value->next()) rows.push_back(*value);
  return rows;
}

std::string next_page_token(const JsonValue& page) {
  auto token = page.find("next_page_token");
  return token && token->is(JsonKind::kString) ? std::string(token->text()) : "";
}

int print_problem(const ApiAnswer& answer) {
  std::fflush(stdout);  // else a screen that is cleared later takes the message along
  if (!answer.redirect.empty()) {
    std::string place = without_password(answer.redirect);
    blank_controls(place);
    std::fprintf(stderr, "hourwheel: the server redirects to %s\n", place.c_str());
    return kFailure;
  }
  JsonReader reader;
  auto problem = reader.parse(answer.body);
  if (!problem || !problem->is(JsonKind::kObject)) {
    std::fprintf(stderr, "hourwheel: the server answered %ld\n", answer.status);
    return exit_code_of(answer.status);
  }
  const std::string code = text_at(*problem, "code");
  std::fprintf(stderr, "hourwheel: %s: %s\n", code.c_str(), text_at(*problem, "detail").c_str());
  for (const JsonValue& error : members_of(*problem, "errors")) {
    std::fprintf(stderr, "  %s: %s\n", text_at(error, "pointer").c_str(),
                 text_at(error, "detail").c_str());
  }
  print_hint(answer, code);
  if (const std::string id = text_at(*problem, "request_id"); id != "-") {
    std::fprintf(stderr, "  request: %s\n", id.c_str());
  }
  return exit_code_of(answer.status);
}

}  // namespace hourwheel
