#include "store/rows.h"

#include <array>
#include <cstring>

#include "store/crc32c.h"
#include "store/tagged.h"

namespace hourwheel {
namespace {

constexpr uint8_t kCodecVersion = 1;
constexpr size_t kSealBytes = 5;
constexpr size_t kKeyBytes = 16;

// R3: what an absent field means, for ever.
constexpr int64_t kConnectTimeoutMs = 5'000;
constexpr int64_t kTimeoutMs = 30'000;
constexpr int64_t kMisfireAfterMs = 60'000;
constexpr uint32_t kMaxAttemptsDefault = 5;
constexpr int64_t kMinBackoffMs = 1'000;
constexpr int64_t kMaxBackoffMs = 3'600'000;
constexpr uint32_t kMultiplierPercent = 200;
constexpr int64_t kMaxAgeMs = 86'400'000;

void put_number(FieldWriter& out, uint32_t tag, uint64_t value, uint64_t absent = 0) {
  if (value != absent) out.number(tag, value);
}
void put_signed(FieldWriter& out, uint32_t tag, int64_t value, int64_t absent = 0) {
  if (value != absent) out.signed_number(tag, value);
}
void put_text(FieldWriter& out, uint32_t tag, std::string_view value) {
  if (!value.empty()) out.bytes(tag, value);
}
void put_instant(FieldWriter& out, uint32_t tag, const std::optional<Instant>& value) {
  if (value) out.signed_number(tag, value->ms);
}

// An enum read back: anything beyond `last` was written by a later version or is damage.
template <class Enum>
Enum get_enum(FieldReader& in, Enum last) {
  if (in.number() > static_cast<uint64_t>(last)) in.fail();
  return static_cast<Enum>(in.number());
}
template <class Unsigned>
Unsigned get_narrow(FieldReader& in) {
  auto value = static_cast<Unsigned>(in.number());
  if (value != in.number()) in.fail();
  return value;
}
Instant get_instant(FieldReader& in) {
  return Instant{in.signed_number()};
}
Duration get_duration(FieldReader& in) {
  return Duration{in.signed_number()};
}
std::string get_text(FieldReader& in) {
  return std::string(in.bytes());
}

// --- parts shared by several rows ---

void write_run_key(FieldWriter& out, const RunKey& key) {
  put_number(out, 1, key.generation.value);
  put_number(out, 2, static_cast<uint64_t>(key.trigger), static_cast<uint64_t>(Trigger::kSchedule));
  put_signed(out, 3, key.instant_or_nonce);
}
void read_run_key(FieldReader& outer, RunKey& key) {
  FieldReader in(outer.bytes());
  while (in.next()) {
    switch (in.tag()) {
      case 1:
        key.generation = {in.number()};
        break;
      case 2:
        key.trigger = get_enum(in, Trigger::kManual);
        break;
      case 3:
        key.instant_or_nonce = in.signed_number();
        break;
      default:
        break;  // a later version's
    }
  }
  if (!in.good()) outer.fail();
}

void write_pair(FieldWriter& out, uint32_t tag, const NamedText& pair) {
  out.fields(tag, [&pair](FieldWriter& inner) {
    put_text(inner, 1, pair.first);
    put_text(inner, 2, pair.second);
  });
}
void read_pair(FieldReader& outer, std::vector<NamedText>& pairs) {
  FieldReader in(outer.bytes());
  NamedText& pair = pairs.emplace_back();
  while (in.next()) {
    if (in.tag() == 1) pair.first = get_text(in);
    if (in.tag() == 2) pair.second = get_text(in);
  }
  if (!in.good()) outer.fail();
}

// --- the definition ---

void write_schedule(FieldWriter& out, const ScheduleSpec& schedule) {
  out.number(1, static_cast<uint64_t>(schedule.kind));
  put_signed(out, 2, schedule.at.ms);
  put_signed(out, 3, schedule.every.ms);
  put_signed(out, 4, schedule.anchor.ms);
  put_text(out, 5, schedule.cron);
  put_text(out, 6, schedule.timezone);
  put_text(out, 7, schedule.source);
}
void read_schedule(FieldReader& outer, ScheduleSpec& schedule) {
  FieldReader in(outer.bytes());
  while (in.next()) {
    switch (in.tag()) {
      case 1:
        schedule.kind = get_enum(in, ScheduleKind::kCron);
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
        break;
    }
  }
  if (!in.good()) outer.fail();
}

void write_target(FieldWriter& out, const Target& target) {
  out.number(1, static_cast<uint64_t>(target.kind));
  if (target.method != "POST") out.bytes(2, target.method);
  put_text(out, 3, target.url);
  for (const NamedText& header : target.headers) write_pair(out, 4, header);
  put_signed(out, 5, target.connect_timeout.ms, kConnectTimeoutMs);
  put_signed(out, 6, target.timeout.ms, kTimeoutMs);
}
void read_target(FieldReader& outer, Target& target) {
  FieldReader in(outer.bytes());
  target.connect_timeout = {kConnectTimeoutMs};
  target.timeout = {kTimeoutMs};
  while (in.next()) {
    switch (in.tag()) {
      case 1:
        target.kind = get_enum(in, TargetKind::kHttp);
        break;
      case 2:
        target.method = get_text(in);
        break;
      case 3:
        target.url = get_text(in);
        break;
      case 4:
        read_pair(in, target.headers);
        break;
      case 5:
        target.connect_timeout = get_duration(in);
        break;
      case 6:
        target.timeout = get_duration(in);
        break;
      default:
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
        break;
    }
  }
  if (!in.good()) outer.fail();
}

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
}
void read_spec(FieldReader& in, TaskSpec& spec) {
  read_retry({}, in, spec.retry);
  spec.misfire_after = {kMisfireAfterMs};
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
        spec.payload_kind = get_enum(in, PayloadKind::kBytes);
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
      case 11:
        spec.misfire_after = get_duration(in);
        break;
      default:
        break;
    }
  }
}

// --- the state ---

void write_open_run(FieldWriter& out, const OpenRun& run) {
  out.fields(1, [&run](FieldWriter& inner) { write_run_key(inner, run.key); });
  put_signed(out, 2, run.due.ms);
  put_signed(out, 3, run.next_attempt.ms);
  put_number(out, 4, run.attempts);
  put_number(out, 5, run.missed_count);
  put_number(out, 6, run.in_flight ? 1 : 0);
  put_number(out, 7, run.possible_duplicate ? 1 : 0);
}
void read_open_run(FieldReader& outer, OpenRun& run) {
  FieldReader in(outer.bytes());
  while (in.next()) {
    switch (in.tag()) {
      case 1:
        read_run_key(in, run.key);
        break;
      case 2:
        run.due = get_instant(in);
        break;
      case 3:
        run.next_attempt = get_instant(in);
        break;
      case 4:
        run.attempts = get_narrow<uint32_t>(in);
        break;
      case 5:
        run.missed_count = in.number();
        break;
      case 6:
        run.in_flight = in.number() != 0;
        break;
      case 7:
        run.possible_duplicate = in.number() != 0;
        break;
      default:
        break;
    }
  }
  if (!in.good()) outer.fail();
}

void write_pause(FieldWriter& out, const Pause& pause) {
  put_text(out, 1, pause.reason);
  put_signed(out, 2, pause.since.ms);
  put_instant(out, 3, pause.until);
}
void read_pause(FieldReader& outer, Pause& pause) {
  FieldReader in(outer.bytes());
  while (in.next()) {
    if (in.tag() == 1) pause.reason = get_text(in);
    if (in.tag() == 2) pause.since = get_instant(in);
    if (in.tag() == 3) pause.until = get_instant(in);
  }
  if (!in.good()) outer.fail();
}

void write_last_run(FieldWriter& out, const LastRun& run) {
  out.fields(1, [&run](FieldWriter& inner) { write_run_key(inner, run.key); });
  out.number(2, static_cast<uint64_t>(run.state));
  put_signed(out, 3, run.due.ms);
  put_signed(out, 4, run.ended.ms);
  put_signed(out, 5, run.lateness.ms);
}
void read_last_run(FieldReader& outer, LastRun& run) {
  FieldReader in(outer.bytes());
  while (in.next()) {
    switch (in.tag()) {
      case 1:
        read_run_key(in, run.key);
        break;
      case 2:
        run.state = get_enum(in, RunState::kUnknown);
        break;
      case 3:
        run.due = get_instant(in);
        break;
      case 4:
        run.ended = get_instant(in);
        break;
      case 5:
        run.lateness = get_duration(in);
        break;
      default:
        break;
    }
  }
  if (!in.good()) outer.fail();
}

void write_state(FieldWriter& out, const TaskState& state) {
  put_number(out, 1, state.version.value);
  // Usually the same as the version: stored as how far it lies back.
  put_number(out, 2, state.version.value - state.generation.value);
  put_signed(out, 3, state.created.ms);
  put_signed(out, 4, state.updated.ms - state.created.ms);
  put_instant(out, 5, state.next_due);
  for (const OpenRun& run : state.open) {
    out.fields(6, [&run](FieldWriter& inner) { write_open_run(inner, run); });
  }
  if (state.pause) {
    out.fields(7, [&state](FieldWriter& inner) { write_pause(inner, *state.pause); });
  }
  put_number(out, 8, state.deleted ? 1 : 0);
  put_number(out, 9, state.counts.succeeded);
  put_number(out, 10, state.counts.dead);
  put_number(out, 11, state.counts.skipped);
  put_number(out, 12, state.counts.other);
  if (!(state.last_run == LastRun{})) {
    out.fields(13, [&state](FieldWriter& inner) { write_last_run(inner, state.last_run); });
  }
}
// The fields of a state that are not plain numbers.
void read_state_parts(FieldReader& in, TaskState& state) {
  switch (in.tag()) {
    case 5:
      state.next_due = get_instant(in);
      break;
    case 6:
      read_open_run(in, state.open.emplace_back());
      break;
    case 7:
      read_pause(in, state.pause.emplace());
      break;
    case 13:
      read_last_run(in, state.last_run);
      break;
    default:
      break;
  }
}
void read_state(FieldReader& in, TaskState& state) {
  uint64_t generation_back = 0;
  uint64_t updated_after = 0;
  while (in.next()) {
    switch (in.tag()) {
      case 1:
        state.version = {in.number()};
        break;
      case 2:
        generation_back = in.number();
        break;
      case 3:
        state.created = get_instant(in);
        break;
      case 4:
        updated_after = static_cast<uint64_t>(in.signed_number());
        break;
      case 8:
        state.deleted = in.number() != 0;
        break;
      case 9:
        state.counts.succeeded = in.number();
        break;
      case 10:
        state.counts.dead = in.number();
        break;
      case 11:
        state.counts.skipped = in.number();
        break;
      case 12:
        state.counts.other = in.number();
        break;
      default:
        read_state_parts(in, state);
        break;
    }
  }
  // Unsigned on purpose: damaged bytes may not overflow a signed sum.
  state.generation = {state.version.value - generation_back};
  state.updated = {static_cast<int64_t>(static_cast<uint64_t>(state.created.ms) + updated_after)};
}

// --- the run record ---

void write_outcome(FieldWriter& out, const AttemptOutcome& outcome) {
  put_number(out, 1, static_cast<uint64_t>(outcome.result));
  put_number(out, 2, outcome.sent ? 1 : 0);
  put_number(out, 3, outcome.no_retry ? 1 : 0);
  put_number(out, 4, outcome.status);
  if (outcome.retry_after) out.signed_number(5, outcome.retry_after->ms);
  put_signed(out, 6, outcome.started.ms);
  put_signed(out, 7, outcome.ended.ms);
  put_text(out, 8, outcome.detail);
  put_text(out, 9, outcome.body);
}
void read_outcome(FieldReader& outer, AttemptOutcome& outcome) {
  FieldReader in(outer.bytes());
  while (in.next()) {
    switch (in.tag()) {
      case 1:
        outcome.result = get_enum(in, AttemptResult::kStopped);
        break;
      case 2:
        outcome.sent = in.number() != 0;
        break;
      case 3:
        outcome.no_retry = in.number() != 0;
        break;
      case 4:
        outcome.status = get_narrow<uint16_t>(in);
        break;
      case 5:
        outcome.retry_after = get_duration(in);
        break;
      case 6:
        outcome.started = get_instant(in);
        break;
      case 7:
        outcome.ended = get_instant(in);
        break;
      case 8:
        outcome.detail = get_text(in);
        break;
      case 9:
        outcome.body = get_text(in);
        break;
      default:
        break;
    }
  }
  if (!in.good()) outer.fail();
}

void write_record(FieldWriter& out, const RunRecord& record) {
  put_number(out, 1, record.task_version.value);
  out.fields(2, [&record](FieldWriter& inner) { write_run_key(inner, record.key); });
  out.number(3, static_cast<uint64_t>(record.state));
  put_number(out, 4, static_cast<uint64_t>(record.skip_reason));
  put_signed(out, 5, record.due.ms);
  put_signed(out, 6, record.last_due.ms, record.due.ms);
  put_number(out, 7, record.count, 1);
  put_number(out, 8, record.missed_count);
  put_number(out, 9, record.attempt);
  put_number(out, 10, record.possible_duplicate ? 1 : 0);
  put_signed(out, 11, record.recorded.ms);
  put_instant(out, 12, record.next_attempt);
  std::string outcome;
  FieldWriter inner(outcome);
  write_outcome(inner, record.outcome);
  put_text(out, 13, outcome);
}
// The counters and flags of a record.
void read_record_counts(FieldReader& in, RunRecord& record) {
  switch (in.tag()) {
    case 7:
      record.count = in.number();
      break;
    case 8:
      record.missed_count = in.number();
      break;
    case 9:
      record.attempt = get_narrow<uint32_t>(in);
      break;
    case 10:
      record.possible_duplicate = in.number() != 0;
      break;
    default:
      break;
  }
}
void read_record(FieldReader& outer, RunRecord& record) {
  FieldReader in(outer.bytes());
  std::optional<Instant> last_due;
  while (in.next()) {
    switch (in.tag()) {
      case 1:
        record.task_version = {in.number()};
        break;
      case 2:
        read_run_key(in, record.key);
        break;
      case 3:
        record.state = get_enum(in, RunState::kUnknown);
        break;
      case 4:
        record.skip_reason = get_enum(in, SkipReason::kSuperseded);
        break;
      case 5:
        record.due = get_instant(in);
        break;
      case 6:
        last_due = get_instant(in);
        break;
      case 11:
        record.recorded = get_instant(in);
        break;
      case 12:
        record.next_attempt = get_instant(in);
        break;
      case 13:
        read_outcome(in, record.outcome);
        break;
      default:
        read_record_counts(in, record);
        break;
    }
  }
  record.last_due = last_due.value_or(record.due);
  if (!in.good()) outer.fail();
}

// --- seals ---

void store_le64(char* at, uint64_t value) {
  for (int i = 0; i < 8; i++) at[i] = static_cast<char>(value >> (8 * i));
}
uint32_t checksum(const RowPlace& place, uint8_t codec, std::string_view fields) {
  std::array<char, 32> head{};
  head[0] = static_cast<char>(place.kind);
  head[1] = static_cast<char>(codec);
  store_le64(head.data() + 8, place.number);
  store_le64(head.data() + 16, place.key.high);
  store_le64(head.data() + 24, place.key.low);
  return crc32c(fields, crc32c({head.data(), head.size()}));
}

template <class Write>
void seal(const RowPlace& place, std::string& out, Write&& write) {
  size_t start = out.size();
  out.append(kSealBytes, '\0');
  FieldWriter writer(out);
  write(writer);
  uint32_t crc = checksum(place, kCodecVersion, std::string_view(out).substr(start + kSealBytes));
  out[start] = static_cast<char>(kCodecVersion);
  for (size_t i = 0; i < 4; i++) out[start + 1 + i] = static_cast<char>(crc >> (8 * i));
}

std::string name_of(const RowPlace& place) {
  std::string number = std::to_string(place.number);
  switch (place.kind) {
    case RowKind::kSeed:
      return "the initial state of task " + number;
    case RowKind::kSpec:
      return "the definition of task " + number;
    case RowKind::kState:
      return "the state of task " + number;
    case RowKind::kLog:
      return "row " + number + " of the run log";
  }
  return "row " + number;
}

Result<std::string_view> unseal(const RowPlace& place, std::string_view row) {
  if (row.size() < kSealBytes) {
    return failure(ErrorCode::kCorrupt, "", name_of(place) + " is cut short");
  }
  auto codec = static_cast<uint8_t>(row[0]);
  uint32_t crc = 0;
  for (size_t i = 0; i < 4; i++) {
    crc |= static_cast<uint32_t>(static_cast<unsigned char>(row[1 + i])) << (8 * i);
  }
  row.remove_prefix(kSealBytes);
  if (checksum(place, codec, row) != crc) {
    return failure(ErrorCode::kCorrupt, "", name_of(place) + " does not match its checksum");
  }
  if (codec != kCodecVersion) {
    return failure(ErrorCode::kCorrupt, "",
                   name_of(place) + " is written in codec " + std::to_string(codec) +
                       ", which this version does not know");
  }
  return row;
}
tl::unexpected<Error> undecodable(const RowPlace& place) {
  return failure(ErrorCode::kCorrupt, "", name_of(place) + " does not decode");
}

}  // namespace

std::string key_bytes(TaskKey key) {
  std::string bytes(kKeyBytes, '\0');
  for (size_t i = 0; i < 8; i++) {  // big endian, so that bytes sort as keys do
    bytes[i] = static_cast<char>(key.high >> (8 * (7 - i)));
    bytes[8 + i] = static_cast<char>(key.low >> (8 * (7 - i)));
  }
  return bytes;
}

std::optional<TaskKey> parse_key(std::string_view bytes) {
  if (bytes.size() != kKeyBytes) return std::nullopt;
  TaskKey key;
  for (size_t i = 0; i < 8; i++) {
    key.high = (key.high << 8) | static_cast<unsigned char>(bytes[i]);
    key.low = (key.low << 8) | static_cast<unsigned char>(bytes[8 + i]);
  }
  return key;
}

void seal_state(const RowPlace& place, const TaskState& state, std::string& out) {
  seal(place, out, [&state](FieldWriter& writer) { write_state(writer, state); });
}
void seal_spec(const RowPlace& place, const TaskSpec& spec, std::string& out) {
  seal(place, out, [&spec](FieldWriter& writer) { write_spec(writer, spec); });
}
void seal_log(uint64_t seq, TaskNumber task, const LogParts& parts, std::string& out) {
  // The task's number is a column of its own; here it is only part of the checksum, as the key.
  seal({RowKind::kLog, seq, {task.value, 0}}, out, [&parts](FieldWriter& writer) {
    if (parts.record) {
      writer.fields(1, [&parts](FieldWriter& inner) { write_record(inner, *parts.record); });
    }
    if (parts.state) {
      writer.bytes(2, key_bytes(parts.key));
      writer.fields(3, [&parts](FieldWriter& inner) { write_state(inner, *parts.state); });
    }
    if (parts.removed) writer.number(4, 1);
  });
}

Result<TaskState> unseal_state(const RowPlace& place, std::string_view row) {
  auto fields = unseal(place, row);
  if (!fields) return failure(std::move(fields.error()));
  FieldReader in(*fields);
  TaskState state;
  read_state(in, state);
  if (!in.good()) return undecodable(place);
  return state;
}

Result<TaskSpec> unseal_spec(const RowPlace& place, std::string_view row) {
  auto fields = unseal(place, row);
  if (!fields) return failure(std::move(fields.error()));
  FieldReader in(*fields);
  TaskSpec spec;
  read_spec(in, spec);
  if (!in.good()) return undecodable(place);
  return spec;
}

Result<LogRow> unseal_log(uint64_t seq, TaskNumber task, std::string_view row) {
  RowPlace place{RowKind::kLog, seq, {task.value, 0}};
  auto fields = unseal(place, row);
  if (!fields) return failure(std::move(fields.error()));
  FieldReader in(*fields);
  LogRow log;
  log.task = task;
  while (in.next()) {
    if (in.tag() == 1) {
      read_record(in, log.record.emplace());
      log.record->task = task;
    } else if (in.tag() == 2) {
      auto key = parse_key(in.bytes());
      if (!key) return undecodable(place);
      log.key = *key;
    } else if (in.tag() == 3) {
      FieldReader inner(in.bytes());
      read_state(inner, log.state.emplace());
      if (!inner.good()) in.fail();
    } else if (in.tag() == 4) {
      log.removed = in.number() != 0;
    }
  }
  if (!in.good()) return undecodable(place);
  return log;
}

}  // namespace hourwheel
