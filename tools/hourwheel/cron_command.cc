#include "tools/hourwheel/cron_command.h"

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "api/json_reader.h"
#include "api/preview_json.h"
#include "engine/schedule/advice.h"
#include "engine/schedule/clock_notes.h"
#include "engine/schedule/describe.h"
#include "engine/schedule/time_text.h"
#include "tools/hourwheel/answer_text.h"
#include "tools/hourwheel/time_phrase.h"

namespace hourwheel {
namespace {

int complain(const Error& error) {
  std::fprintf(stderr, "hourwheel: %s\n", error.detail.c_str());
  return kUsage;
}

bool is_object(const std::string& schedule) {
  return schedule.starts_with('{');
}

// The schedule as a member of a preview's body: objects as they are, texts quoted; with a zone,
// cron fields and local times become objects.
Result<std::string> schedule_json(const CronOptions& options) {
  const std::string& text = options.schedule;
  if (is_object(text)) {
    if (options.timezone.empty()) return text;
    return failure(ErrorCode::kValidationFailed, "",
                   "--tz does not go with a schedule object: it has a member \"timezone\"");
  }
  std::string quoted_text;
  append_json_string(quoted_text, text);
  if (options.timezone.empty()) return quoted_text;
  bool is_cron = text.starts_with('@') || text.find_first_of(" \t") != std::string::npos;
  bool is_local = parse_local_time(text).has_value();
  if (!is_cron && !is_local) {
    return failure(ErrorCode::kValidationFailed, "",
                   "--tz goes with cron fields or a local date-time, not with '" + text + "'");
  }
  std::string out = is_cron ? "{\"cron\":" : "{\"at\":";
  out += quoted_text + ",\"timezone\":";
  append_json_string(out, options.timezone);
  return out + "}";
}

// The zone in which --from and --to are written: the schedule's.
Result<TimeZone> zone_of(const CronOptions& options) {
  std::string name = options.timezone;
  if (is_object(options.schedule)) {
    JsonReader reader;
    std::string padded = options.schedule + std::string(kJsonPadding, '\0');
    auto object = reader.parse(std::string_view(padded).substr(0, options.schedule.size()));
    if (!object) return failure(std::move(object.error()));
    if (auto zone = object->find("timezone")) name = zone->text();
  }
  return name.empty() ? TimeZone() : TimeZone::find(name);
}

// An instant, or a local date-time or a date of the zone.
Result<Instant> read_moment(const std::string& said, TimeZone zone, Instant now) {
  auto settled = settled_instant(said, now);
  if (!settled) return failure(std::move(settled.error()));
  const std::string& text = *settled;
  if (auto instant = parse_instant(text)) return *instant;
  constexpr size_t kDateLength = 10;
  auto local = parse_local_time(text.size() == kDateLength ? text + "T00:00:00" : text);
  if (!local) {
    return failure(ErrorCode::kValidationFailed, "",
                   "'" + text +
                       "' is not an instant (2027-03-27T00:00:00Z), a local date-time "
                       "(2027-03-27T00:00:00), a date (2027-03-27) or a distance from now (+2h)");
  }
  return zone.lookup(local->second).before + milliseconds(local->ms);
}

struct Asked {
  Instant now;
  std::optional<Instant> to;
};

Result<Asked> read_range(const CronOptions& options, Instant now) {
  auto zone = zone_of(options);
  if (!zone) return failure(std::move(zone.error()));
  Asked asked{now, std::nullopt};
  if (!options.from.empty()) {
    auto from = read_moment(options.from, *zone, now);
    if (!from) return failure(std::move(from.error()));
    asked.now = *from;
  }
  if (!options.to.empty()) {
    auto to = read_moment(options.to, *zone, now);
    if (!to) return failure(std::move(to.error()));
    asked.to = *to;
  }
  if (asked.to && *asked.to <= asked.now) {
    return failure(ErrorCode::kValidationFailed, "", "--to is not after --from");
  }
  return asked;
}

// As a server would judge it if it were created at that instant.
Result<PreviewBody> read_body(const CronOptions& options, const Asked& asked) {
  auto schedule = schedule_json(options);
  if (!schedule) return failure(std::move(schedule.error()));
  std::string body = "{\"schedule\":" + *schedule;
  if (!options.task_id.empty()) {
    body += ",\"task_id\":";
    append_json_string(body, options.task_id);
  }
  body += "}";
  JsonReader reader;
  std::string padded = body + std::string(kJsonPadding, '\0');
  auto object = reader.parse(std::string_view(padded).substr(0, body.size()));
  if (!object) return failure(std::move(object.error()));
  FieldErrors errors;
  auto preview = read_preview(*object, asked.now, errors);
  if (!preview) {
    FieldError first = std::move(errors.take().front());
    return failure(first.kind, "", std::move(first.detail));
  }
  preview->range.from = asked.now;
  preview->range.end = asked.to;
  preview->range.most = options.count;
  return std::move(*preview);
}

struct Row {
  Instant order;
  std::string utc;
  std::string local;
  std::string offset;
  std::string remark;
};

std::string remark_of(const OutlookLine& line, NamedZone zone) {
  if (!line.occurrence.excluded) return clock_sentence(line.occurrence, zone);
  if (line.count == 1) return "excluded: does not fire";
  return "excluded, with " + std::to_string(line.count - 1) + " more: do not fire";
}

std::vector<Row> rows_of(const Outlook& outlook, NamedZone zone) {
  std::vector<Row> rows;
  for (const OutlookLine& line : outlook.lines) {
    const Occurrence& occurrence = line.occurrence;
    rows.push_back({occurrence.due, to_text(occurrence.due), readable(occurrence.local),
                    offset_text(occurrence.offset_s), remark_of(line, zone)});
  }
  for (const LeftOut& left_out : outlook.left_out) {
    rows.push_back(
        {left_out.change, "-", readable(left_out.meant), "-", clock_sentence(left_out, zone)});
  }
  std::stable_sort(rows.begin(), rows.end(),
                   [](const Row& a, const Row& b) { return a.order < b.order; });
  return rows;
}

void print_table(const PreviewBody& body, const Schedule& schedule, const Outlook& outlook) {
  auto zone = body.spec.timezone.empty() ? TimeZone() : TimeZone::find(body.spec.timezone);
  std::vector<Row> rows = rows_of(outlook, {body.spec.timezone, zone.value_or(TimeZone())});
  std::printf("%s\n\n%-24s  %-19s  %s\n", describe(body.spec).c_str(), "UTC", "LOCAL", "OFFSET");
  for (const Row& row : rows) {
    std::printf("%-24s  %-19s  %s%s%s\n", row.utc.c_str(), row.local.c_str(), row.offset.c_str(),
                row.remark.empty() ? "" : "  ", row.remark.c_str());
  }
  if (rows.empty()) std::printf("(none)\n");
  std::fflush(stdout);
  for (const Advice& advice : advise(body.spec, schedule, body.range.from)) {
    bool said = std::any_of(rows.begin(), rows.end(),
                            [&](const Row& row) { return row.remark == advice.detail; });
    if (!said) {
      std::fprintf(stderr, "%s: %s\n", std::string(advice.code).c_str(), advice.detail.c_str());
    }
  }
}

}  // namespace

int run_cron_command(const CronOptions& options, Instant now) {
  auto asked = read_range(options, now);
  if (!asked) return complain(asked.error());
  auto body = read_body(options, *asked);
  if (!body) return complain(body.error());
  auto schedule = Schedule::compile(body->spec, body->seed);
  if (!schedule) return complain(schedule.error());
  Outlook outlook = look_ahead(*schedule, body->range);
  if (options.output == OutputFormat::kTable || options.output == OutputFormat::kWide) {
    print_table(*body, *schedule, outlook);
    return 0;
  }
  if (options.output == OutputFormat::kName) {
    for (const OutlookLine& line : outlook.lines) {
      std::printf("%s\n", to_text(line.occurrence.due).c_str());
    }
    return 0;
  }
  std::string text;
  JsonWriter json(text);
  write_preview(json, {body->spec, *schedule, outlook, body->range.from});
  std::printf("%s\n", text.c_str());
  return 0;
}

}  // namespace hourwheel
