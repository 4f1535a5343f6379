// The least level of the server's log, which can be changed while it runs.
#include <utility>

#include "api/handlers.h"
#include "api/members.h"
#include "api/words.h"

namespace hourwheel {
namespace {

struct LevelReading {
  std::optional<LogLevel> level{};
  FieldErrors& errors;
};

constexpr Member<LevelReading> kLevelMembers[] = {
    {"level", [](LevelReading& reading, const JsonValue& value) {
       if (value.is(JsonKind::kString)) reading.level = log_level_of(value.text());
       if (reading.level) return;
       reading.errors.add(value, "unknown-value", "must be debug, info, warning or error");
     }}};

void respond_with_level(Calls& calls, Call& call) {
  HttpResponse response;
  JsonWriter json(response.body);
  json.begin_object();
  json.name("level");
  json.string(word_of(calls.log().level()));
  json.end_object();
  calls.respond(call, std::move(response));
}

}  // namespace

void get_log_level(Calls& calls, Call& call, const HttpRequest& /*request*/) {
  respond_with_level(calls, call);
}

// Told at the level of warnings, so that it is seen whichever was set, but for the last one.
void set_log_level(Calls& calls, Call& call, const HttpRequest& request) {
  auto body = calls.read_body(call, request);
  if (!body) return;
  FieldErrors errors;
  LevelReading reading{std::nullopt, errors};
  std::span<const Member<LevelReading>> members = kLevelMembers;
  if (read_members(*body, members, Unknown::kRefuse, reading) && !body->find("level")) {
    errors.add({ErrorCode::kValidationFailed, "/level", "required", "the level is missing"});
  }
  if (!errors.empty()) return calls.refuse(call, problem_of(std::move(errors)));
  LogRecord line{LogLevel::kWarning, "api",
                 "the level of the log is now " + std::string(word_of(*reading.level))};
  if (!call.caller.key.empty()) line.fields.push_back({"key", call.caller.key});
  calls.log().write(std::move(line));
  calls.log().set_level(*reading.level);
  respond_with_level(calls, call);
}

}  // namespace hourwheel
