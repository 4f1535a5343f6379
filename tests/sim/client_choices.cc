// What the clients ask for, drawn from the seed: tasks, and what is done to them and their runs.
#include <algorithm>
#include <array>
#include <utility>

#include "engine/limits.h"
#include "tests/sim/clients.h"
#include "tests/sim/sim_pauses.h"

namespace hourwheel {
namespace {

constexpr std::array kExpressions = {"* * * * *",  "*/5 * * * *",    "0 * * * *",
                                     "30 2 * * *", "*/10 * * * * *", "15,45 8-18 * * 1-5",
                                     "0 0 1 * *"};
// Two days into what they name.
constexpr std::array kRules = {"FREQ=MINUTELY;INTERVAL=7", "FREQ=HOURLY;BYMINUTE=0,30",
                               "FREQ=DAILY;BYHOUR=2,3;BYMINUTE=30",
                               "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYHOUR=9;BYMINUTE=0,20,40"};
constexpr std::array kZones = {"", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"};

template <size_t N>
std::string any_of(const std::array<const char*, N>& texts, Random& random) {
  return texts[random.below(N)];
}

}  // namespace

Instant Clients::one_time_instant(Instant now) {
  const auto gap = static_cast<uint64_t>(features_.pause_between.ms) + 1;
  auto from_now = [&](uint64_t most) {
    return now + milliseconds(static_cast<int64_t>(random_.below(most)));
  };
  if (features_.crowds && random_.chance(40)) {
    if (!crowd_ || *crowd_ < now) crowd_ = from_now(20 * gap);
    return *crowd_;
  }
  // About where the horizon stands and moves: the place where reading and committing meet.
  if (features_.near_horizon && random_.chance(50)) {
    return now + kHorizonAhead +
           milliseconds(static_cast<int64_t>(random_.below(140'000)) - 20'000);
  }
  if (features_.past && random_.chance(20))
    return now - milliseconds(int64_t{1} << random_.below(34));
  return random_.chance(80) ? from_now(30 * gap) : from_now(gap * features_.commands);
}

Duration Clients::interval() {
  const auto gap = static_cast<uint64_t>(features_.pause_between.ms) + 1;
  return std::max(features_.shortest_interval(),
                  Duration{static_cast<int64_t>(gap / 2 + random_.below(30 * gap))});
}

// What limits a recurring schedule. All of it is in its source: another limit, another schedule.
void Clients::draw_limits(ScheduleSpec& schedule, Instant now) {
  if (features_.fixed_delay && schedule.kind == ScheduleKind::kEvery && random_.chance(40)) {
    schedule.kind = ScheduleKind::kFixedDelay;
  }
  if (features_.max_runs && random_.chance(40)) schedule.max_runs = 1 + random_.below(6);
  if (features_.jitter && random_.chance(40)) schedule.jitter = interval();
  while (features_.exclusions && random_.chance(40)) {
    const Instant from = now + Duration{interval().ms * static_cast<int64_t>(random_.below(4))};
    schedule.exclude.push_back({std::nullopt, {from, from + interval()}});
  }
  schedule.source += "/" + std::to_string(static_cast<int>(schedule.kind)) + "/" +
                     std::to_string(schedule.max_runs) + "/" + std::to_string(schedule.jitter.ms);
  for (const Exclusion& exclusion : schedule.exclude) {
    schedule.source += "/" + std::to_string(exclusion.range.from.ms);
  }
}

void Clients::draw_policies(TaskSpec& spec) {
  constexpr std::array kMisfires = {MisfirePolicy::kFireOnce, MisfirePolicy::kSkip,
                                    MisfirePolicy::kFireAll};
  constexpr std::array kOverlaps = {Overlap::kBufferOne, Overlap::kSkip, Overlap::kAllow,
                                    Overlap::kBufferAll, Overlap::kCancelRunning};
  if (features_.misfire_policies) {
    spec.misfire.policy = kMisfires[random_.below(kMisfires.size())];
    spec.misfire.max_count = static_cast<uint32_t>(1 + random_.below(20));
    spec.misfire.max_age = random_.chance(50) ? hours(24) : minutes(1);
    spec.misfire.rate = static_cast<uint32_t>(1 + random_.below(20));
  }
  if (features_.overlaps) spec.overlap = kOverlaps[random_.below(kOverlaps.size())];
}

void Clients::draw_schedule(TaskSpec& spec, Instant now) {
  ScheduleSpec& schedule = spec.schedule;
  unsigned kinds =
      (features_.one_time ? 1 : 0) + (features_.every ? 1 : 0) + (features_.cron ? 1 : 0);
  uint64_t drawn = random_.below(kinds);
  if (features_.one_time && drawn-- == 0) {
    schedule.kind = ScheduleKind::kAt;
    schedule.at = one_time_instant(now);
  } else if (features_.every && drawn-- == 0) {
    schedule.kind = ScheduleKind::kEvery;
    schedule.every = interval();
    schedule.anchor = now + (random_.chance(50) ? schedule.every : Duration{0});
  } else if (random_.chance(25)) {
    schedule.kind = ScheduleKind::kRrule;
    schedule.rrule = any_of(kRules, random_);
    schedule.dtstart = {(now - hours(50)).ms / 1000};
    schedule.timezone = any_of(kZones, random_);
  } else {
    schedule.kind = ScheduleKind::kCron;
    // Expressions by the second are for worlds that move by the second.
    do {
      schedule.cron = any_of(kExpressions, random_);
    } while (features_.pause_between > seconds(2) && schedule.cron.starts_with("*/10 "));
    schedule.timezone = any_of(kZones, random_);
  }
  spec.type = type_of(schedule.kind);
  schedule.source = std::to_string(schedule.at.ms) + "/" + std::to_string(schedule.every.ms) + "/" +
                    schedule.cron + schedule.rrule;
  if (spec.type == TaskType::kRecurring) draw_limits(schedule, now);
}

std::string Clients::draw_url() {
  return sim_target_url(static_cast<uint32_t>(random_.below(3 + features_.hung_targets)));
}

std::unique_ptr<TaskSpec> Clients::new_spec(const Id& id, Instant now) {
  auto spec = std::make_unique<TaskSpec>();
  spec->id = id.id;
  draw_schedule(*spec, now);
  if (!features_.log_targets || random_.chance(70)) {
    spec->target.kind = TargetKind::kHttp;
    spec->target.url = draw_url();
  }
  if (features_.global_pauses) spec->labels = draw_labels(random_);
  if (random_.chance(30)) spec->description = std::to_string(random_.below(3));
  spec->retry.max_attempts = static_cast<uint32_t>(1 + random_.below(5));
  spec->retry.min_backoff = milliseconds(static_cast<int64_t>(1 + random_.below(5'000)));
  spec->retry.max_backoff = minutes(1);
  spec->retry.max_age = minutes(static_cast<int64_t>(1 + random_.below(30)));
  spec->misfire_after = random_.chance(50) ? kMisfireAfter : milliseconds(500);
  draw_delivery(*spec);
  if (spec->type == TaskType::kRecurring) draw_policies(*spec);
  draw_notices(*spec);
  return spec;
}

void Clients::draw_notices(TaskSpec& spec) {
  auto draw = [this](std::optional<Callback>& callback, const char* path) {
    if (!random_.chance(50)) return;
    callback.emplace();
    callback->url = draw_url() + path;
  };
  if (features_.callbacks) {
    draw(spec.callbacks.on_success, "success");
    draw(spec.callbacks.on_failure, "failure");
    draw(spec.callbacks.on_dead, "dead");
  }
  if (features_.on_complete && random_.chance(50)) spec.on_complete = OnComplete::kDelete;
  if (features_.retentions && random_.chance(60)) {
    spec.keep_runs = 1 + static_cast<uint32_t>(random_.below(4));
  }
}

void Clients::draw_delivery(TaskSpec& spec) {
  if (features_.at_most_once && random_.chance(50)) spec.delivery = Delivery::kAtMostOnce;
  if (features_.retry_options) {
    draw_retry(spec.retry);
    if (random_.chance(30)) spec.target.success_codes = {{200, 299}, {304, 304}};
    if (random_.chance(20)) spec.target.success_body = kSimSuccessBody;
  }
  if (features_.completions && spec.target.kind == TargetKind::kHttp && random_.chance(60)) {
    spec.target.completion = CompletionPolicy{seconds(1 + static_cast<int64_t>(random_.below(90)))};
    if (random_.chance(40)) spec.target.completion->heartbeat = interval();
  }
  if (features_.expiries && spec.type == TaskType::kOneTime && random_.chance(50)) {
    spec.expires_after = milliseconds(int64_t{1} << random_.below(22));
  }
  if (features_.auto_pauses && random_.chance(60)) {
    spec.pause_after_dead = 1 + static_cast<uint32_t>(random_.below(3));
  }
}

void Clients::draw_retry(RetryPolicy& retry) {
  retry.backoff = static_cast<BackoffKind>(1 + random_.below(4));
  if (retry.backoff == BackoffKind::kList) {
    retry.backoff_list = {milliseconds(static_cast<int64_t>(random_.below(100))), seconds(3),
                          minutes(2)};
  }
  if (random_.chance(50)) retry.jitter = BackoffJitter::kNone;
  if (random_.chance(40)) retry.retry_on = {{404, 404}, {300, 303}};
  retry.retry_until_next = random_.chance(30);
}

CommandKind Clients::kind_for(const Id& id) {
  const bool there = id.base.exists || !id.asked.empty();
  if (!there && random_.chance(80)) return CommandKind::kCreate;
  if (features_.completions && !id.runs.empty() && random_.chance(25)) {
    return CommandKind::kComplete;
  }
  if (features_.discards && !id.runs.empty() && random_.chance(10)) return CommandKind::kDiscard;
  std::array<std::pair<bool, CommandKind>, 12> kinds = {
      {{true, CommandKind::kCreate},
       {features_.replaces, CommandKind::kReplace},
       {features_.replaces, CommandKind::kReplace},
       {features_.deletes, CommandKind::kDelete},
       {features_.pauses, CommandKind::kPause},
       {features_.pauses, CommandKind::kResume},
       {features_.run_now, CommandKind::kRun},
       {features_.redrives, CommandKind::kRedrive},
       {features_.redrives, CommandKind::kRedrive},
       {features_.cancels, CommandKind::kCancel},
       {features_.backfills, CommandKind::kBackfill},
       {features_.backfills, CommandKind::kStopBackfill}}};
  while (true) {
    auto [on, kind] = kinds[random_.below(kinds.size())];
    if (on) return kind;
  }
}

void Clients::draw_run(Command& command) {
  command.nonce = random_.next();
  if (!features_.run_payloads || !random_.chance(60)) return;
  command.payload = std::make_unique<RunPayload>();
  command.payload->body = std::to_string(random_.next());
  command.payload->content_type = "application/json";
}

// What a target says of an attempt that it was sent; sometimes of another one.
void Clients::draw_report(Command& command, const Id& id) {
  constexpr std::array kKinds = {ReportKind::kSucceeded, ReportKind::kFailed,
                                 ReportKind::kFailedFinal, ReportKind::kHeartbeat};
  const SeenRun& seen =
      random_.chance(70) ? id.runs.back() : id.runs[random_.below(id.runs.size())];
  command.run = seen.run;
  command.attempt = seen.attempt;
  if (random_.chance(5)) ++command.attempt;
  command.report.kind = kKinds[random_.below(kKinds.size())];
  if (command.report.kind != ReportKind::kHeartbeat) command.report.text = "said so";
}

// A run that was seen at a target, or one that never was; a range in the past.
void Clients::draw_run_command(Command& command, const Id& id, Instant now) {
  command.run = {{id.base.version.value}, Trigger::kSchedule, now.ms};
  if (!id.runs.empty() && random_.chance(95)) {
    command.run = id.runs[random_.below(id.runs.size())].run;
  }
  // The newest may be in flight still.
  if (command.kind == CommandKind::kCancel && !id.runs.empty() && random_.chance(60)) {
    command.run = id.runs.back().run;
  }
  if (random_.chance(30)) command.not_before = now + interval();
  if (command.kind != CommandKind::kBackfill) return;
  const Duration back{static_cast<int64_t>(
      1 + random_.below(60 * (static_cast<uint64_t>(features_.pause_between.ms) + 1)))};
  const Duration end{static_cast<int64_t>(random_.below(static_cast<uint64_t>(back.ms)))};
  constexpr std::array<uint32_t, 3> kRates = {1, 10, 1'000};
  command.range = BackfillRange{now - back, now - end, kRates[random_.below(kRates.size())]};
}

}  // namespace hourwheel
