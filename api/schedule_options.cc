#include "api/schedule_options.h"

#include <string>
#include <utility>

#include "api/members.h"
#include "engine/limits.h"
#include "engine/schedule/time_text.h"

namespace hourwheel {
namespace {

constexpr Word<DstGap> kGapWords[] = {{"fire_after", DstGap::kFireAfter}, {"skip", DstGap::kSkip}};
constexpr Word<DstOverlap> kOverlapWords[] = {
    {"first", DstOverlap::kFirst}, {"second", DstOverlap::kSecond}, {"both", DstOverlap::kBoth}};
constexpr Word<DomDow> kDomDowWords[] = {{"or", DomDow::kOr}, {"and", DomDow::kAnd}};

// What another scheduler does.
struct DstPreset {
  ClockChanges changes;
  ElapsedRule elapsed = ElapsedRule::kPattern;
};
constexpr Word<DstPreset> kPresetWords[] = {
    {"cron", {{DstGap::kFireAfter, DstOverlap::kFirst}, ElapsedRule::kLeadingStar}},
    {"eventbridge", {{DstGap::kSkip, DstOverlap::kFirst}, ElapsedRule::kPattern}},
    {"temporal", {{DstGap::kSkip, DstOverlap::kBoth}, ElapsedRule::kPattern}},
};

struct RangeParts {
  FieldErrors& errors;
  std::optional<JsonValue> from{};
  std::optional<JsonValue> to{};
};
constexpr Member<RangeParts> kRangeMembers[] = {
    {"from", [](RangeParts& parts, const JsonValue& value) { parts.from = value; }},
    {"to", [](RangeParts& parts, const JsonValue& value) { parts.to = value; }},
};

bool read_range(const JsonValue& entry, InstantRange& range, FieldErrors& errors) {
  RangeParts parts{errors};
  std::span<const Member<RangeParts>> members = kRangeMembers;
  if (!read_members(entry, members, Unknown::kRefuse, parts)) return false;
  if (!parts.from || !parts.to) {
    errors.add(entry, "required", "a range has both from and to");
    return false;
  }
  bool good = read_instant(*parts.from, range.from, errors);
  good = read_instant(*parts.to, range.to, errors) && good;
  if (good && range.to <= range.from) {
    errors.add(*parts.to, "out-of-range", "must be after from");
    return false;
  }
  return good;
}

bool read_exclusion(const JsonValue& entry, Exclusion& exclusion, FieldErrors& errors) {
  if (entry.is(JsonKind::kObject)) return read_range(entry, exclusion.range, errors);
  if (!entry.is(JsonKind::kString)) {
    errors.add(entry, "wrong-type", "a date such as \"2026-12-25\" or an object is expected");
    return false;
  }
  auto date = parse_date(entry.text());
  if (!date) {
    errors.add(entry, date.error());
    return false;
  }
  exclusion.date = *date;
  return true;
}

bool read_exclude(const JsonValue& list, std::vector<Exclusion>& out, FieldErrors& errors) {
  if (!list.is(JsonKind::kArray)) {
    errors.add(list, "wrong-type", "an array is expected");
    return false;
  }
  if (list.size() > kMaxExclusions) {
    errors.add(list, "too-long",
               "must have at most " + std::to_string(kMaxExclusions) + " entries");
    return false;
  }
  bool good = true;
  for (auto entry = list.first(); entry; entry = entry->next()) {
    good = read_exclusion(*entry, out.emplace_back(), errors) && good;
  }
  return good;
}

bool read_bound(const std::optional<JsonValue>& value, std::optional<Instant>& out,
                FieldErrors& errors) {
  if (!value) return true;
  return read_instant(*value, out.emplace(), errors);
}

bool read_window(const ScheduleOptions& options, ScheduleSpec& spec, FieldErrors& errors) {
  bool good = read_bound(options.start_at, spec.start_at, errors);
  good = read_bound(options.end_at, spec.end_at, errors) && good;
  if (good && spec.start_at && spec.end_at && *spec.end_at <= *spec.start_at) {
    errors.add(*options.end_at, "out-of-range", "must be after start_at");
    return false;
  }
  return good;
}

}  // namespace

bool read_clock_options(const ScheduleOptions& options, ScheduleSpec& spec, FieldErrors& errors) {
  bool good = true;
  DstPreset preset;
  if (options.dst) good = read_word(*options.dst, kPresetWords, preset, errors);
  spec.changes = preset.changes;
  spec.elapsed = preset.elapsed;
  if (options.dst_gap) {
    good = read_word(*options.dst_gap, kGapWords, spec.changes.gap, errors) && good;
  }
  if (options.dst_overlap) {
    good = read_word(*options.dst_overlap, kOverlapWords, spec.changes.overlap, errors) && good;
  }
  if (options.dom_dow) {
    good = read_word(*options.dom_dow, kDomDowWords, spec.dom_dow, errors) && good;
  }
  return good;
}

bool read_recurring_options(const ScheduleOptions& options, ScheduleSpec& spec,
                            FieldErrors& errors) {
  bool good = read_window(options, spec, errors);
  if (options.max_runs) {
    int64_t max_runs = 0;
    good =
        read_whole(*options.max_runs, {1, static_cast<int64_t>(kMaxMaxRuns)}, max_runs, errors) &&
        good;
    spec.max_runs = static_cast<uint64_t>(max_runs);
  }
  if (options.jitter) {
    DurationRange range{milliseconds(0), kLastInstant - kFirstInstant};
    good = read_duration(*options.jitter, range, spec.jitter, errors) && good;
  }
  if (options.exclude) good = read_exclude(*options.exclude, spec.exclude, errors) && good;
  return good;
}

}  // namespace hourwheel
