// The fields of a definition.
#include "store/row_fields.h"

namespace hourwheel {
namespace {

// R3: what an absent field means, for ever.
constexpr int64_t kMisfireAfterMs = 60'000;
constexpr uint32_t kMaxAttemptsDefault = 5;
constexpr int64_t kMinBackoffMs = 1'000;
constexpr int64_t kMaxBackoffMs = 3'600'000;
constexpr uint32_t kMultiplierPercent = 200;
constexpr int64_t kMaxAgeMs = 86'400'000;
constexpr int64_t kMisfireMaxAgeMs = 86'400'000;
constexpr uint32_t kMisfireMaxCount = 100;
constexpr uint32_t kMisfireRate = 10;

template <class Enum>
void put_enum(FieldWriter& out, uint32_t tag, Enum value, Enum absent) {
  put_number(out, tag, static_cast<uint64_t>(value), static_cast<uint64_t>(absent));
}

void write_exclusion(FieldWriter& out, uint32_t tag, const Exclusion& exclusion) {
  out.fields(tag, [&exclusion](FieldWriter& inner) {
    if (exclusion.date) {
      inner.signed_number(1, day_of(*exclusion.date));
    } else {
      put_signed(inner, 2, exclusion.range.from.ms);
      put_signed(inner, 3, exclusion.range.to.ms);
    }
  });
}
void read_exclusion(FieldReader& outer, std::vector<Exclusion>& exclusions) {
  constexpr int64_t kLastDay = day_of(CivilSecond{whole_second(kLastInstant)});
  FieldReader in(outer.bytes());
  Exclusion& exclusion = exclusions.emplace_back();
  while (in.next()) {
    if (in.tag() == 1) {
      int64_t day = in.signed_number();
      bool exists = day >= 0 && day <= kLastDay;
      if (!exists) in.fail();
      exclusion.date = date_of(exists ? day : 0);
    }
    if (in.tag() == 2) exclusion.range.from = get_instant(in);
    if (in.tag() == 3) exclusion.range.to = get_instant(in);
  }
  // One or the other is written.
  if (exclusion.date && exclusion.range != InstantRange{}) in.fail();
  if (!in.good()) outer.fail();
}

void write_schedule(FieldWriter& out, const ScheduleSpec& schedule) {
  out.number(1, static_cast<uint64_t>(schedule.kind));
  put_signed(out, 2, schedule.at.ms);
  put_signed(out, 3, schedule.every.ms);
  put_signed(out, 4, schedule.anchor.ms);
  put_text(out, 5, schedule.cron);
  put_text(out, 6, schedule.timezone);
  put_text(out, 7, schedule.source);
  put_enum(out, 8, schedule.changes.gap, DstGap::kFireAfter);
  put_enum(out, 9, schedule.changes.overlap, DstOverlap::kFirst);
  put_enum(out, 10, schedule.elapsed, ElapsedRule::kPattern);
  put_enum(out, 11, schedule.dom_dow, DomDow::kOr);
  put_instant(out, 12, schedule.start_at);
  put_instant(out, 13, schedule.end_at);
  put_number(out, 14, schedule.max_runs);
  put_signed(out, 15, schedule.jitter.ms);
  for (const Exclusion& exclusion : schedule.exclude) write_exclusion(out, 16, exclusion);
  put_text(out, 20, schedule.rrule);
  put_signed(out, 21, schedule.dtstart.s);
  for (CivilSecond date : schedule.exdate) out.signed_number(22, date.s);
  for (CivilSecond date : schedule.rdate) out.signed_number(23, date.s);
}
// The options, whose absence means the default.
void read_schedule_option(FieldReader& in, ScheduleSpec& schedule) {
  switch (in.tag()) {
    case 8:
      schedule.changes.gap = get_enum(in, DstGap::kSkip);
      break;
    case 9:
      schedule.changes.overlap = get_enum(in, DstOverlap::kBoth);
      break;
    case 10:
      schedule.elapsed = get_enum(in, ElapsedRule::kLeadingStar);
      break;
    case 11:
      schedule.dom_dow = get_enum(in, DomDow::kAnd);
      break;
    case 12:
      schedule.start_at = get_instant(in);
      break;
    case 13:
      schedule.end_at = get_instant(in);
      break;
    case 14:
      schedule.max_runs = in.number();
      break;
    case 15:
      schedule.jitter = get_duration(in);
      break;
    case 16:
      read_exclusion(in, schedule.exclude);
      break;
    case 20:
      schedule.rrule = get_text(in);
      break;
    case 21:
      schedule.dtstart = {in.signed_number()};
      break;
    case 22:
      schedule.exdate.push_back({in.signed_number()});
      break;
    case 23:
      schedule.rdate.push_back({in.signed_number()});
      break;
    default:
      break;
  }
}
void read_schedule(FieldReader& outer, ScheduleSpec& schedule) {
  FieldReader in(outer.bytes());
  while (in.next()) {
    switch (in.tag()) {
      case 1:
        schedule.kind = get_enum(in, ScheduleKind::kFixedDelay);
        break;
      case 2:
        schedule.at = get_instant(in);
        break;
      case 3:
        schedule.every = get_duration(in);
        break;
      case 4:
        schedule.anchor = get_instant(in);
        break;
      case 5:
        schedule.cron = get_text(in);
        break;
      case 6:
        schedule.timezone = get_text(in);
        break;
      case 7:
        schedule.source = get_text(in);
        break;
      default:
        read_schedule_option(in, schedule);
        break;
    }
  }
  if (!in.good()) outer.fail();
}

void write_retry(FieldWriter& out, const RetryPolicy& retry) {
  put_number(out, 1, retry.max_attempts, kMaxAttemptsDefault);
  put_signed(out, 2, retry.min_backoff.ms, kMinBackoffMs);
  put_signed(out, 3, retry.max_backoff.ms, kMaxBackoffMs);
  put_number(out, 4, retry.multiplier_percent, kMultiplierPercent);
  put_number(out, 5, static_cast<uint64_t>(retry.jitter),
             static_cast<uint64_t>(BackoffJitter::kFull));
  put_signed(out, 6, retry.max_age.ms, kMaxAgeMs);
  put_number(out, 7, static_cast<uint64_t>(retry.backoff),
             static_cast<uint64_t>(BackoffKind::kExponential));
  for (Duration wait : retry.backoff_list) out.signed_number(8, wait.ms);
  write_codes(out, 9, retry.retry_on);
  put_number(out, 10, retry.retry_until_next ? 1 : 0);
}
// The fields of a policy beside its times and counts.
void read_retry_choices(FieldReader& in, RetryPolicy& retry) {
  switch (in.tag()) {
    case 7:
      retry.backoff = get_enum(in, BackoffKind::kList);
      break;
    case 8:
      retry.backoff_list.push_back(get_duration(in));
      break;
    case 9:
      read_codes(in, retry.retry_on);
      break;
    case 10:
      retry.retry_until_next = in.number() != 0;
      break;
    default:
      break;
  }
}
void read_retry(std::string_view bytes, FieldReader& outer, RetryPolicy& retry) {
  retry = {kMaxAttemptsDefault, {kMinBackoffMs},      {kMaxBackoffMs},
           kMultiplierPercent,  BackoffJitter::kFull, {kMaxAgeMs}};
  FieldReader in(bytes);
  while (in.next()) {
    switch (in.tag()) {
      case 1:
        retry.max_attempts = get_narrow<uint32_t>(in);
        break;
      case 2:
        retry.min_backoff = get_duration(in);
        break;
      case 3:
        retry.max_backoff = get_duration(in);
        break;
      case 4:
        retry.multiplier_percent = get_narrow<uint32_t>(in);
        break;
      case 5:
        retry.jitter = get_enum(in, BackoffJitter::kNone);
        break;
      case 6:
        retry.max_age = get_duration(in);
        break;
      default:
        read_retry_choices(in, retry);
        break;
    }
  }
  // An attempt asks a list for its back-off: an empty one cannot be what was stored.
  if (retry.backoff == BackoffKind::kList && retry.backoff_list.empty()) in.fail();
  if (!in.good()) outer.fail();
}

void write_trace(FieldWriter& out, const TraceContext& trace) {
  put_text(out, 1, trace.parent);
  put_text(out, 2, trace.state);
  put_signed(out, 3, trace.since.ms);
}
void read_trace(FieldReader& outer, TraceContext& trace) {
  FieldReader in(outer.bytes());
  while (in.next()) {
    switch (in.tag()) {
      case 1:
        trace.parent = get_text(in);
        break;
      case 2:
        trace.state = get_text(in);
        break;
      case 3:
        trace.since = get_instant(in);
        break;
      default:
        break;
    }
  }
  // An attempt takes it apart: only what read_trace() of the engine has made was stored.
  if (!hourwheel::read_trace(trace.parent, trace.state, trace.since)) in.fail();
  if (!in.good()) outer.fail();
}

// What of a definition says how its runs are delivered, and kept (tags 20 to 29).
void write_delivery(FieldWriter& out, const TaskSpec& spec) {
  put_number(out, 20, static_cast<uint64_t>(spec.delivery),
             static_cast<uint64_t>(Delivery::kAtLeastOnce));
  if (spec.expires_after) out.signed_number(21, spec.expires_after->ms);
  put_number(out, 22, spec.pause_after_dead);
  if (spec.max_lateness) out.signed_number(23, spec.max_lateness->ms);
  if (!spec.trace.parent.empty()) {
    out.fields(24, [&spec](FieldWriter& inner) { write_trace(inner, spec.trace); });
  }
  put_number(out, 25, spec.keep_runs);
}
void read_delivery(FieldReader& in, TaskSpec& spec) {
  switch (in.tag()) {
    case 20:
      spec.delivery = get_enum(in, Delivery::kAtMostOnce);
      break;
    case 21:
      spec.expires_after = get_duration(in);
      break;
    case 22:
      spec.pause_after_dead = get_narrow<uint32_t>(in);
      break;
    case 23:
      spec.max_lateness = get_duration(in);
      break;
    case 24:
      read_trace(in, spec.trace);
      break;
    case 25:
      spec.keep_runs = get_narrow<uint32_t>(in);
      break;
    default:
      break;
  }
}

void write_misfire(FieldWriter& out, const Misfire& misfire) {
  put_number(out, 1, static_cast<uint64_t>(misfire.policy),
             static_cast<uint64_t>(MisfirePolicy::kFireOnce));
  put_signed(out, 2, misfire.max_age.ms, kMisfireMaxAgeMs);
  put_number(out, 3, misfire.max_count, kMisfireMaxCount);
  put_number(out, 4, misfire.rate, kMisfireRate);
}
void read_misfire(std::string_view bytes, FieldReader& outer, Misfire& misfire) {
  misfire = {MisfirePolicy::kFireOnce, {kMisfireMaxAgeMs}, kMisfireMaxCount, kMisfireRate};
  FieldReader in(bytes);
  while (in.next()) {
    switch (in.tag()) {
      case 1:
        misfire.policy = get_enum(in, MisfirePolicy::kFireAll);
        break;
      case 2:
        misfire.max_age = get_duration(in);
        break;
      case 3:
        misfire.max_count = get_narrow<uint32_t>(in);
        break;
      case 4:
        misfire.rate = get_narrow<uint32_t>(in);
        break;
      default:
        break;
    }
  }
  if (!in.good()) outer.fail();
}

// What the schedule's runs do to each other.
void read_policies(FieldReader& in, TaskSpec& spec) {
  switch (in.tag()) {
    case 11:
      spec.misfire_after = get_duration(in);
      break;
    case 12:
      read_misfire(in.bytes(), in, spec.misfire);
      break;
    case 13:
      spec.overlap = get_enum(in, Overlap::kCancelRunning);
      break;
    default:
      break;
  }
}

}  // namespace

void write_spec(FieldWriter& out, const TaskSpec& spec) {
  out.bytes(1, spec.id);
  out.number(2, static_cast<uint64_t>(spec.type));
  out.fields(3, [&spec](FieldWriter& inner) { write_schedule(inner, spec.schedule); });
  put_text(out, 4, spec.description);
  for (const NamedText& label : spec.labels) write_pair(out, 5, label);
  out.fields(6, [&spec](FieldWriter& inner) { write_target(inner, spec.target); });
  put_number(out, 7, static_cast<uint64_t>(spec.payload_kind),
             static_cast<uint64_t>(PayloadKind::kNone));
  put_text(out, 8, spec.payload);
  put_text(out, 9, spec.content_type);
  std::string retry;
  FieldWriter inner(retry);
  write_retry(inner, spec.retry);
  put_text(out, 10, retry);
  put_signed(out, 11, spec.misfire_after.ms, kMisfireAfterMs);
  write_delivery(out, spec);
  std::string misfire;
  FieldWriter its(misfire);
  write_misfire(its, spec.misfire);
  put_text(out, 12, misfire);
  put_number(out, 13, static_cast<uint64_t>(spec.overlap),
             static_cast<uint64_t>(Overlap::kBufferOne));
  write_notices(out, spec);
}
void read_spec(FieldReader& in, TaskSpec& spec) {
  read_retry({}, in, spec.retry);
  read_misfire({}, in, spec.misfire);
  spec.misfire_after = {kMisfireAfterMs};
  spec.overlap = Overlap::kBufferOne;
  spec.on_complete = OnComplete::kKeep;
  while (in.next()) {
    switch (in.tag()) {
      case 1:
        spec.id = get_text(in);
        break;
      case 2:
        spec.type = get_enum(in, TaskType::kRecurring);
        break;
      case 3:
        read_schedule(in, spec.schedule);
        break;
      case 4:
        spec.description = get_text(in);
        break;
      case 5:
        read_pair(in, spec.labels);
        break;
      case 6:
        read_target(in, spec.target);
        break;
      case 7:
        spec.payload_kind = get_enum(in, PayloadKind::kText);
        break;
      case 8:
        spec.payload = get_text(in);
        break;
      case 9:
        spec.content_type = get_text(in);
        break;
      case 10:
        read_retry(in.bytes(), in, spec.retry);
        break;
      default:
        if (in.tag() < 20) {
          read_policies(in, spec);
        } else if (in.tag() < 40) {
          read_delivery(in, spec);
        } else {
          read_notices(in, spec);
        }
        break;
    }
  }
}

}  // namespace hourwheel
