#include "tools/hourwheel/crontab_task.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "api/json_writer.h"
#include "api/preview_json.h"
#include "api/url_text.h"
#include "engine/base/siphash.h"
#include "engine/schedule/describe.h"
#include "tools/hourwheel/json_text.h"

namespace hourwheel {
namespace {

constexpr size_t kMostDescription = 1024;  // bytes, as the API takes them

struct Macro {
  std::string_view written;
  std::string_view fields;
};
// FreeBSD has them beside those that everybody knows.
constexpr std::array kMacros = {Macro{"@every_minute", "* * * * *"},
                                Macro{"@every_second", "* * * * * *"}};

// January is 1, so nothing is 0.
constexpr std::array<std::string_view, 13> kMonths = {
    "", "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> kDays = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

struct Field {
  std::string_view name;
  std::string_view first;
  std::string_view last;
  std::span<const std::string_view> names;  // from 0 on
};
constexpr std::array kFields = {Field{"minute", "0", "59", {}}, Field{"hour", "0", "23", {}},
                                Field{"day of month", "1", "31", {}},
                                Field{"month", "1", "12", kMonths},
                                Field{"day of week", "0", "6", kDays}};
constexpr size_t kDayOfMonth = 2;
constexpr size_t kDayOfWeek = 4;

// A schedule on its way from cron's words to ours.
struct Translation {
  std::string cron;
  bool both_days = false;  // both day fields must match
  std::vector<std::string> remarks;
};

// OpenBSD's and cronie's 0~59: some value of the range.
std::string without_tilde(std::string_view text, const Field& field, Translation& to) {
  const size_t sign = text.find('~');
  if (sign == std::string_view::npos) return std::string(text);
  const std::string_view low = sign == 0 ? field.first : text.substr(0, sign);
  const std::string_view high = sign + 1 == text.size() ? field.last : text.substr(sign + 1);
  to.remarks.push_back("the " + std::string(field.name) + " of " + std::string(text) +
                       " is drawn once for the task, from its id; cron draws anew at each start");
  return "H(" + std::string(low) + "-" + std::string(high) + ")";
}

// The number that a value of a field stands for; nullopt: it is neither number nor name.
std::optional<int64_t> value_of(std::string_view text, const Field& field) {
  if (auto number = read_number(text)) return number;
  std::string name;
  for (char c : text) name += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  const auto found = std::find(field.names.begin(), field.names.end(), name);
  if (name.empty() || found == field.names.end()) return std::nullopt;
  return found - field.names.begin();
}

void remark_on_wrap(std::string_view text, const Field& field, Translation& to) {
  const size_t dash = text.find('-');
  if (dash == std::string_view::npos) return;
  auto low = value_of(text.substr(0, dash), field);
  auto high = value_of(text.substr(dash + 1, text.find('/') - dash - 1), field);
  if (low && high && *low > *high) {
    to.remarks.push_back("the " + std::string(field.name) + " range " + std::string(text) +
                         " wraps round here; cron refuses it");
  }
}

void remark_on_step(std::string_view text, const Field& field, Translation& to) {
  const size_t slash = text.find('/');
  if (slash == std::string_view::npos || !value_of(text.substr(0, slash), field)) return;
  to.remarks.push_back("the " + std::string(field.name) + " " + std::string(text) +
                       " goes on to the field's end here; crons take it in different ways");
}

// What other schedulers have beside numbers, names, *, -, / and ~.
void remark_on_words(std::string_view text, const Field& field, Translation& to) {
  const std::string_view first = text.substr(0, text.find_first_of("-/"));
  if (value_of(first, field) && text.find_first_of("#?") == std::string_view::npos) return;
  const size_t at = text.find_first_of("#?LWHlwh");
  if (at == std::string_view::npos) return;
  to.remarks.push_back("the " + std::string(field.name) + " " + std::string(text) + " says " +
                       std::string(text.substr(at, 1)) + ", which no crontab knows");
}

void remark_on_field(std::string_view text, const Field& field, Translation& to) {
  while (!text.empty()) {
    const size_t end = std::min(text.find(','), text.size());
    const std::string_view part = text.substr(0, end);
    remark_on_wrap(part, field, to);
    remark_on_step(part, field, to);
    remark_on_words(part, field, to);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

bool is_restricted(std::string_view field) {
  return field != "*" && field != "?";
}

// For cron a day field that begins with * restricts nothing by itself, however it goes on: then
// both must match, not either.
void keep_day_rule(const std::vector<std::string_view>& fields, Translation& to) {
  const std::string_view month_day = fields[kDayOfMonth];
  const std::string_view week_day = fields[kDayOfWeek];
  to.both_days = is_restricted(month_day) && is_restricted(week_day) &&
                 (month_day.starts_with('*') || week_day.starts_with('*'));
}

Translation translate(const std::string& schedule) {
  Translation to;
  if (schedule.starts_with('@')) {
    const auto* macro = std::find_if(kMacros.begin(), kMacros.end(),
                                     [&](const Macro& one) { return one.written == schedule; });
    to.cron = macro == kMacros.end() ? schedule : std::string(macro->fields);
    return to;
  }
  const std::vector<std::string_view> fields = words_in(schedule);
  for (size_t i = 0; i < fields.size(); ++i) {
    to.cron.append(i == 0 ? "" : " ").append(without_tilde(fields[i], kFields[i], to));
    remark_on_field(fields[i], kFields[i], to);
  }
  keep_day_rule(fields, to);
  return to;
}

// Where clocks are changed, cron's own rules (docs/guide/schedules.md).
std::string schedule_json(const Translation& translation, const std::string& timezone) {
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  json.name("cron");
  json.string(translation.cron);
  if (!timezone.empty() && timezone != "UTC") {
    json.name("timezone");
    json.string(timezone);
    json.name("dst");
    json.string("cron");
  }
  if (translation.both_days) {
    json.name("dom_dow");
    json.string("and");
  }
  json.end_object();
  return text;
}

// As a server would judge it. The schedule's sentence, or why it is refused.
Result<std::string> meaning_of(const std::string& schedule, const std::string& id, Instant now) {
  std::string body = "{\"schedule\":" + schedule + ",\"task_id\":";
  append_json_string(body, id);
  auto text = JsonText::read(body + "}");
  if (!text) return failure(std::move(text.error()));
  FieldErrors errors;
  auto preview = read_preview(text->top(), now, errors);
  if (!preview) {
    FieldError first = std::move(errors.take().front());
    return failure(first.kind, "", std::move(first.detail));
  }
  auto compiled = Schedule::compile(preview->spec, preview->seed);
  if (!compiled) return failure(std::move(compiled.error()));
  return describe(preview->spec);
}

std::string refusal_of(const CrontabEntry& entry, bool has_user) {
  if (!is_valid_utf8(entry.written)) return "it is not UTF-8";
  if (entry.schedule.empty()) return "it has neither five fields nor a macro such as @daily";
  if (entry.schedule == "@reboot") {
    return "@reboot follows the start of a machine; here a task follows the clock, and no start of "
           "the server is an instant. Let the machine's own start (systemd) call "
           "`hourwheel task run ID`";
  }
  if (has_user && entry.user.empty()) return "there is no user before the command";
  if (entry.command.empty()) return "there is no command";
  const std::string_view first =
      has_user ? std::string_view(entry.user) : words_in(entry.command).front();
  if (first.find_first_not_of("0123456789*,/-?") == std::string_view::npos) {
    return "a sixth field (" + std::string(first) + "): a crontab has five, and no seconds";
  }
  return "";
}

// "/usr/local/bin/Backup.sh --all" is backup-sh.
std::string slug_of(const std::string& command) {
  constexpr size_t kLongest = 24;
  std::string_view word = words_in(command).front();
  word.remove_prefix(std::min(word.size(), word.rfind('/') + 1));
  std::string slug;
  for (char c : word.substr(0, kLongest)) {
    const bool upper = c >= 'A' && c <= 'Z';
    const bool kept = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (upper || kept) {
      slug += upper ? static_cast<char>(c - 'A' + 'a') : c;
    } else if (!slug.empty() && slug.back() != '-') {
      slug += '-';
    }
  }
  while (slug.ends_with('-')) slug.pop_back();
  return slug;
}

// What is run, by whom and on what.
std::string command_of(const CrontabEntry& entry) {
  return entry.user + '\0' + entry.command + '\0' + entry.input.value_or("");
}

std::string digest_of(const std::string& text) {
  constexpr std::string_view kDigits = "0123456789abcdefghjkmnpqrstvwxyz";
  constexpr int kLength = 8;
  uint64_t hash = siphash128(text).first;
  std::string digest;
  for (int i = 0; i < kLength; ++i, hash >>= 5) digest += kDigits[hash & 31];
  return digest;
}

std::string replaced(std::string text, std::string_view what, const std::string& with) {
  for (size_t at = text.find(what); at != std::string::npos;
       at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
  return text;
}

std::string within(std::string text, size_t most) {
  if (text.size() <= most) return text;
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0) == 0x80) --most;
  text.resize(most);
  return text;
}

void write_target(JsonWriter& json, const std::string& url) {
  json.name("target");
  json.begin_object();
  json.name("kind");
  json.string(url.empty() ? "log" : "http");
  if (!url.empty()) {
    json.name("url");
    json.string(url);
  }
  json.end_object();
}

std::string body_of(const CrontabEntry& entry, const CrontabTask& task, const std::string& schedule,
                    const std::string& url) {
  std::string body;
  JsonWriter json(body);
  json.begin_object();
  json.name("id");
  json.string(task.id);
  json.name("schedule");
  json.raw(schedule);
  json.name("description");
  json.string(within(entry.comment, kMostDescription));
  json.name("labels");
  json.begin_object();
  json.name("imported-from");
  json.string("crontab");
  if (!entry.user.empty()) {
    json.name("user");
    json.string(entry.user);
  }
  json.end_object();
  write_target(json, url);
  json.name("payload");
  json.begin_object();
  json.name("command");
  json.string(entry.command);
  if (entry.input) {
    json.name("input");
    json.string(*entry.input);
  }
  json.end_object();
  json.end_object();
  return body;
}

}  // namespace

std::vector<CrontabTask> tasks_of(const Crontab& crontab, const CrontabAim& aim, Instant now) {
  std::vector<CrontabTask> tasks;
  std::map<std::string, int> same;
  std::map<std::string, int> lines;  // with a command
  const bool has_user = std::any_of(crontab.entries.begin(), crontab.entries.end(),
                                    [](const CrontabEntry& entry) { return !entry.user.empty(); });
  for (const CrontabEntry& entry : crontab.entries) {
    if (refusal_of(entry, has_user).empty()) ++lines[command_of(entry)];
  }
  for (const CrontabEntry& entry : crontab.entries) {
    CrontabTask& task = tasks.emplace_back();
    task.refusal = refusal_of(entry, has_user);
    if (!task.refusal.empty()) continue;
    // Counted instead, the lines below one that is deleted would take over each other's tasks.
    std::string what = command_of(entry);
    if (lines[what] > 1) what += '\0' + entry.schedule;
    task.id = aim.prefix + slug_of(entry.command) + "-" + digest_of(what);
    if (const int before = same[task.id]++; before > 0) task.id += "-" + std::to_string(before + 1);
    Translation translation = translate(entry.schedule);
    const std::string schedule = schedule_json(translation, entry.timezone);
    auto meaning = meaning_of(schedule, task.id, now);
    if (!meaning) {
      task.refusal = meaning.error().detail;
      continue;
    }
    task.meaning = std::move(*meaning);
    task.remarks = std::move(translation.remarks);
    if (entry.input) {
      task.remarks.emplace_back("what follows % is sent as \"input\" of the payload");
    }
    std::string url = replaced(aim.url_template, "{id}", percent_encode(task.id));
    task.body = body_of(entry, task, schedule, replaced(url, "{user}", percent_encode(entry.user)));
  }
  return tasks;
}

std::string remark_on(const CrontabSetting& setting) {
  if (setting.name == "CRON_TZ") {
    return setting.value.empty() ? "the lines below have the default zone again" : "";
  }
  if (setting.name == "TZ") {
    return "is not taken over: for cron it is the commands' environment and moves no schedule, as "
           "CRON_TZ does";
  }
  if (setting.name == "MAILTO" || setting.name == "MAILFROM") {
    return "no mail is sent; `callbacks` of a task tell of its runs";
  }
  if (setting.name == "RANDOM_DELAY") {
    return "is not taken over; `jitter` of a schedule delays each run by a random time";
  }
  return "is not taken over: whoever runs the commands sets it";
}

}  // namespace hourwheel
