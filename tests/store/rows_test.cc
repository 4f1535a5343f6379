#include "store/rows.h"

#include <gtest/gtest.h>

#include <functional>

#include "engine/base/random.h"
#include "store/crc32c.h"
#include "store/row_fields.h"
#include "store/tagged.h"
#include "tests/store/builders.h"

namespace hourwheel::rows_test {
namespace {

AttemptWire full_wire(RemoteKind remote) {
  AttemptWire wire;
  wire.remote = remote;
  wire.reused = true;
  wire.port = 65'535;
  wire.address = {10, 0, 0, 9};
  if (remote == RemoteKind::kV6) wire.address.back() = 1;
  wire.connect = PhaseTime(milliseconds(0));
  wire.tls = PhaseTime(milliseconds(31));
  wire.first_byte = PhaseTime(Duration{INT64_MAX});
  return wire;
}

TaskSpec full_spec() {
  TaskSpec spec;
  spec.id = "invoice/2024 €";
  spec.type = TaskType::kRecurring;
  spec.schedule = {ScheduleKind::kCron, {1}, seconds(2), {3}, "*/5 * * * *", "Europe/Rome", "src"};
  spec.schedule.changes = {DstGap::kSkip, DstOverlap::kBoth};
  spec.schedule.elapsed = ElapsedRule::kLeadingStar;
  spec.schedule.dom_dow = DomDow::kAnd;
  spec.schedule.start_at = Instant{0};  // a bound that is there and zero
  spec.schedule.end_at = kFirstDue;
  spec.schedule.max_runs = uint64_t{1} << 53;
  spec.schedule.rrule = "FREQ=DAILY";
  spec.schedule.dtstart = {-3600};
  spec.schedule.exdate = {{0}, {1'800'000'000}};
  spec.schedule.rdate = {{7}};
  spec.schedule.jitter = seconds(8);
  spec.schedule.exclude = {
      {CivilDate{1970, 1, 1}, {}}, {CivilDate{9999, 12, 31}, {}}, {std::nullopt, {{5}, kFirstDue}}};
  spec.description = "d";
  spec.labels = {{"a", "1"}, {"b", ""}};
  spec.target = {TargetKind::kHttp, "PUT", "http://h/", {{"x-a", "b"}}, seconds(1), seconds(2)};
  spec.payload_kind = PayloadKind::kBytes;
  spec.payload = std::string("\0\xff\x80", 3);
  spec.content_type = "application/octet-stream";
  spec.retry = {9, seconds(3), seconds(4), 150, BackoffJitter::kNone, seconds(5)};
  spec.misfire_after = seconds(7);
  spec.target.success_codes = {{200, 299}, {304, 304}};
  spec.target.sign = false;
  spec.target.tls_timeout = milliseconds(1);
  spec.target.tls = {"-----BEGIN", "sha256/x", true, "me"};
  spec.retry.backoff = BackoffKind::kList;
  spec.retry.backoff_list = {seconds(5), seconds(0), minutes(5)};
  spec.retry.retry_on = {{300, 399}, {404, 404}};
  spec.retry.retry_until_next = true;
  spec.delivery = Delivery::kAtMostOnce;
  spec.expires_after = seconds(0);
  spec.pause_after_dead = 3;
  spec.max_lateness = milliseconds(250);
  spec.keep_runs = 100'000;
  spec.misfire = {MisfirePolicy::kFireAll, seconds(9), 11, 12};
  spec.overlap = Overlap::kCancelRunning;
  spec.callbacks.on_success = Callback{"PUT", "http://a/", {{"x-a", "b"}, {"x-c", ""}}};
  spec.callbacks.on_failure = Callback{"POST", "http://b/", {}};
  spec.callbacks.on_dead = Callback{"DELETE", "http://c/", {{"x", "y"}}};
  spec.on_complete = OnComplete::kDelete;
  spec.target.auth = {AuthKind::kHeader, "crm", "X-Api-Key"};
  spec.target.signing_secret = "signer";
  spec.target.format = RequestFormat::kCloudEvents;
  spec.target.variables = true;
  spec.target.success_body = "\"ok\"";
  spec.target.store_response = false;
  spec.target.completion = CompletionPolicy{hours(3), minutes(4)};
  spec.trace = {"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "a=b", kFirstDue};
  return spec;
}

TaskState full_state() {
  TaskState state;
  state.version = {70};
  state.generation = {60};
  state.created = {kFirstDue.ms};
  state.updated = {kFirstDue.ms - 5};  // the clock was set back
  state.next_due = kFirstDue;
  state.open = {{{{60}, Trigger::kManual, -3}, kFirstDue, kFirstDue + seconds(1), 4, 5, true, true},
                {}};
  state.open[0].first_started = kFirstDue + seconds(2);
  state.open[0].claimed = true;
  state.dead_in_row = 2;
  state.at_most_once = true;
  state.open[0].jitter = seconds(3);
  state.open[0].superseded = true;
  state.overlap = Overlap::kBufferAll;
  state.ended_runs = 17;
  state.catch_up = {{kFirstDue - hours(2), kFirstDue - hours(1)}, {kFirstDue, kFirstDue}};
  state.catch_up_after = kFirstDue + milliseconds(100);
  state.open[1].attempts = 7;
  state.open[1].attempts_before = 6;
  state.open[1].redrive_count = 2;
  state.open[1].counted_from = kFirstDue + seconds(4);
  state.open[1].canceled = true;
  state.open[0].report = Report{ReportKind::kFailedFinal, "no", {8}};
  state.open[1].awaited = Awaited{kFirstDue + seconds(5), kFirstDue + hours(3), {61}, seconds(40)};
  state.open[0].payload = RunPayload{PayloadKind::kBytes, std::string("\0\xff", 2), "text/x"};
  state.open[1].awaited->wire = full_wire(RemoteKind::kV4);
  state.ruled_since = kFirstDue - hours(1);
  state.claims_since = kFirstDue - minutes(1);
  state.created_by = "somebody01";
  state.backfill = Backfill{{71}, kFirstDue, kFirstDue + hours(2), 3, kFirstDue, seconds(1)};
  state.pause = Pause{"why", kFirstDue, kFirstDue + hours(1)};
  state.deleted = true;
  state.counts = {1, 2, 3, 4};
  state.last_run = {{{60}, Trigger::kSchedule, 9}, RunState::kDead, {8}, {7}, seconds(6)};
  return state;
}

RunRecord full_record() {
  RunRecord record = store_test::record_of(5, kFirstDue, 3, RunState::kRetrying);
  record.skip_reason = SkipReason::kOverlap;
  record.last_due = kFirstDue + seconds(9);
  record.count = 12;
  record.missed_count = 4;
  record.jitter = seconds(2);
  record.possible_duplicate = true;
  record.redrive_count = 3;
  record.next_attempt = kFirstDue + hours(1);
  record.outcome.no_retry = true;
  record.outcome.retry_after = seconds(30);
  record.outcome.detail = "no route";
  record.outcome.body = std::string(4'096, 'b');
  record.outcome.wire = full_wire(RemoteKind::kV6);
  record.outcome.kept_fields = "Server: a\nDate: today\n\u2026\n";
  return record;
}

constexpr TaskKey kKey{1, 2};

TEST(Crc32c, MatchesThePublishedVectors) {  // RFC 3720, B.4
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8a9136aaU);
  EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62a8ab43U);
  EXPECT_EQ(crc32c("123456789"), 0xe3069283U);
}

TEST(Crc32c, IsTheSameByInstructionAndByTable) {
  Random random(1);
  std::string bytes;
  for (int i = 0; i < 300; i++) {
    EXPECT_EQ(crc32c(bytes, 7), crc32c_portable(bytes, 7)) << bytes.size();
    bytes.push_back(static_cast<char>(random.next()));
  }
}

TEST(Rows, GiveBackWhatWasSealed) {  // R1
  for (const TaskSpec& spec : {TaskSpec{}, full_spec()}) {
    std::string row;
    seal_spec({RowKind::kSpec, 9, kKey}, spec, row);
    auto back = unseal_spec({RowKind::kSpec, 9, kKey}, row);
    ASSERT_TRUE(back) << back.error().detail;
    EXPECT_EQ(*back, spec);
  }
  for (const TaskState& state : {TaskState{}, full_state()}) {
    std::string row;
    seal_state({RowKind::kState, 9, kKey}, state, row);
    auto back = unseal_state({RowKind::kState, 9, kKey}, row);
    ASSERT_TRUE(back) << back.error().detail;
    EXPECT_EQ(*back, state);
  }
}

TEST(Rows, AnEmptyPayloadOfARunIsNotNone) {
  TaskState state;
  state.open.resize(2);
  state.open[0].payload = RunPayload{PayloadKind::kText, "", ""};
  std::string row;
  seal_state({RowKind::kState, 9, kKey}, state, row);
  auto back = unseal_state({RowKind::kState, 9, kKey}, row);
  ASSERT_TRUE(back) << back.error().detail;
  EXPECT_EQ(*back, state);
}

TEST(Rows, LogRowsGiveBackRecordStateAndRemoval) {
  RunRecord record = full_record();
  TaskState state = full_state();
  std::string row;
  seal_log(77, {5}, {&record, &state, kKey, false, {}}, row);
  auto back = unseal_log(77, {5}, row);
  ASSERT_TRUE(back);
  EXPECT_TRUE(*back->record == record);
  EXPECT_EQ(*back->state, state);
  EXPECT_EQ(back->key, kKey);
  row.clear();
  seal_log(78, {5}, {nullptr, nullptr, {}, true, {}}, row);
  back = unseal_log(78, {5}, row);
  ASSERT_TRUE(back);
  EXPECT_TRUE(back->removed);
  EXPECT_FALSE(back->record || back->state);
}

KeptAnswer full_answer() {
  KeptAnswer answer;
  answer.key.scope = {5, 6};
  for (uint8_t i = 0; i < 32; ++i) answer.key.body[i] = static_cast<uint8_t>(200 + i);
  answer.decided = kFirstDue;
  answer.done.effect = CommandEffect::kStarted;
  answer.done.spec = std::make_unique<TaskSpec>(full_spec());
  answer.done.state = full_state();
  answer.done.in_flight = 3;
  answer.done.run = RunKey{{60}, Trigger::kManual, -3};
  answer.done.ended = std::make_unique<RunRecord>(full_record());
  return answer;
}

TEST(Rows, AKeptAnswerComesBackAsItWas) {  // R1
  const KeptAnswer answer = full_answer();
  std::string row;
  seal_answer(answer, row);
  auto back = unseal_answer(answer.key.scope, row);
  ASSERT_TRUE(back) << back.error().detail;
  EXPECT_EQ(back->key, answer.key);
  EXPECT_EQ(back->decided, answer.decided);
  EXPECT_EQ(back->done.effect, answer.done.effect);
  EXPECT_EQ(*back->done.spec, *answer.done.spec);
  EXPECT_EQ(back->done.state, answer.done.state);
  EXPECT_EQ(back->done.in_flight, 3U);
  EXPECT_EQ(back->done.run, answer.done.run);
  EXPECT_TRUE(*back->done.ended == *answer.done.ended);
  EXPECT_FALSE(unseal_answer({5, 7}, row)) << "of another scope";
  for (CommandEffect effect :
       {CommandEffect::kCreated, CommandEffect::kReplaced, CommandEffect::kUnchanged,
        CommandEffect::kDeleted, CommandEffect::kDone, CommandEffect::kStarted}) {
    KeptAnswer one = full_answer();
    one.done.effect = effect;
    row.clear();
    seal_answer(one, row);
    auto same_one = unseal_answer(one.key.scope, row);
    ASSERT_TRUE(same_one);
    EXPECT_EQ(same_one->done.effect, effect);
  }

  KeptAnswer of_delete;
  of_delete.done.effect = CommandEffect::kDeleted;
  row.clear();
  seal_answer(of_delete, row);
  auto gone = unseal_answer({}, row);
  ASSERT_TRUE(gone) << gone.error().detail;
  EXPECT_FALSE(gone->done.spec || gone->done.run || gone->done.ended);
  of_delete.done.effect = CommandEffect::kDone;
  row.clear();
  seal_answer(of_delete, row);
  EXPECT_FALSE(unseal_answer({}, row)) << "what is told of it asks for the definition";
}

TEST(Rows, ARowInAnotherPlaceDoesNotPass) {  // R1
  std::string row;
  seal_state({RowKind::kState, 9, kKey}, full_state(), row);
  EXPECT_FALSE(unseal_state({RowKind::kState, 8, kKey}, row));
  EXPECT_FALSE(unseal_state({RowKind::kSeed, 9, kKey}, row));
  EXPECT_FALSE(unseal_state({RowKind::kState, 9, {1, 3}}, row));
  row.clear();
  RunRecord record = full_record();
  seal_log(77, {5}, {&record, nullptr, {}, false, {}}, row);
  EXPECT_FALSE(unseal_log(78, {5}, row));
  EXPECT_FALSE(unseal_log(77, {6}, row));
}

TEST(Rows, EveryChangedBitIsFound) {
  std::string row;
  seal_spec({RowKind::kSpec, 9, kKey}, full_spec(), row);
  for (size_t bit = 0; bit < row.size() * 8; bit++) {
    std::string bad = row;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
    auto back = unseal_spec({RowKind::kSpec, 9, kKey}, bad);
    ASSERT_FALSE(back) << bit;
    EXPECT_EQ(back.error().code, ErrorCode::kCorrupt);
  }
}

// Gives any bytes a checksum that passes, so that the decoders see them.
std::string sealed(const RowPlace& place, std::string_view fields) {
  std::string head;
  head.push_back(static_cast<char>(place.kind));
  head.push_back(1);
  head.append(6, '\0');
  for (uint64_t word : {place.number, place.key.high, place.key.low}) {
    for (int i = 0; i < 8; i++) head.push_back(static_cast<char>(word >> (8 * i)));
  }
  uint32_t crc = crc32c(fields, crc32c(head));
  std::string row("\1", 1);
  for (int i = 0; i < 4; i++) row.push_back(static_cast<char>(crc >> (8 * i)));
  return row.append(fields);
}

TEST(Rows, NoBytesMakeADecoderCrash) {  // R2
  RowPlace spec_place{RowKind::kSpec, 9, kKey};
  RowPlace state_place{RowKind::kState, 9, kKey};
  RowPlace log_place{RowKind::kLog, 77, {5, 0}};
  std::string spec_row;
  std::string state_row;
  std::string log_row;
  std::string answer_row;
  RunRecord record = full_record();
  record.outcome.body = "short";
  TaskState state = full_state();
  seal_spec(spec_place, full_spec(), spec_row);
  seal_state(state_place, state, state_row);
  seal_log(77, {5}, {&record, &state, kKey, false, {}}, log_row);
  seal_answer(full_answer(), answer_row);
  RowPlace answer_place{RowKind::kAnswer, 0, {5, 6}};
  ASSERT_EQ(sealed(spec_place, std::string_view(spec_row).substr(5)), spec_row);

  Random random(7);
  size_t decoded = 0;
  for (int round = 0; round < 80'000; round++) {
    std::string fields = (round % 4 == 0   ? spec_row
                          : round % 4 == 1 ? state_row
                          : round % 4 == 2 ? log_row
                                           : answer_row)
                             .substr(5);
    if (random.chance(20)) fields.resize(random.below(fields.size() + 1));
    if (random.chance(10)) {
      for (char& c : fields) c = static_cast<char>(random.next());
    }
    for (uint64_t changes = random.below(4); changes > 0 && !fields.empty(); changes--) {
      fields[random.below(fields.size())] = static_cast<char>(random.next());
    }
    decoded += unseal_spec(spec_place, sealed(spec_place, fields)) ? 1 : 0;
    decoded += unseal_state(state_place, sealed(state_place, fields)) ? 1 : 0;
    decoded += unseal_log(77, {5}, sealed(log_place, fields)) ? 1 : 0;
    decoded += unseal_log(77, {5}, fields) ? 1 : 0;
    decoded += unseal_answer({5, 6}, sealed(answer_place, fields)) ? 1 : 0;
  }
  EXPECT_GT(decoded, 0U);
}

TEST(Rows, AnExclusionThatIsADateAndARangeIsRefused) {  // R2
  RowPlace place{RowKind::kSpec, 9, kKey};
  auto row_with = [&place](bool date, bool range) {
    std::string fields;
    FieldWriter(fields).fields(3, [&](FieldWriter& schedule) {
      schedule.fields(16, [&](FieldWriter& exclusion) {
        if (date) exclusion.signed_number(1, 0);
        if (range) exclusion.signed_number(3, 5);
      });
    });
    return unseal_spec(place, sealed(place, fields));
  };
  EXPECT_TRUE(row_with(true, false));
  EXPECT_TRUE(row_with(false, true));
  EXPECT_FALSE(row_with(true, true));
}

// The fields of a record whose outcome has these.
Result<LogRow> row_with_outcome(const std::function<void(FieldWriter&)>& outcome) {
  std::string fields;
  FieldWriter(fields).fields(1, [&](FieldWriter& record) {
    record.number(3, static_cast<uint64_t>(RunState::kSucceeded));
    record.number(9, 1);
    record.fields(13, outcome);
  });
  return unseal_log(77, {5}, sealed({RowKind::kLog, 77, {5, 0}}, fields));
}

TEST(Rows, ARecordOfBeforeThereWereWiresAndKeptFieldsReads) {
  auto back = row_with_outcome([](FieldWriter& outcome) {
    outcome.number(1, static_cast<uint64_t>(AttemptResult::kResponded));
    outcome.number(4, 204);
  });
  ASSERT_TRUE(back) << back.error().detail;
  ASSERT_TRUE(back->record);
  EXPECT_EQ(back->record->outcome.status, 204);
  EXPECT_EQ(back->record->outcome.wire, AttemptWire{});
  EXPECT_EQ(back->record->outcome.kept_fields, "");
}

TEST(Rows, AnAddressHasFourOrSixteenBytes) {  // R2
  for (size_t size = 0; size <= 20; ++size) {
    auto back = row_with_outcome([size](FieldWriter& outcome) {
      outcome.fields(10, [size](FieldWriter& wire) {
        wire.bytes(1, std::string_view("0123456789abcdefghij", size));
      });
    });
    EXPECT_EQ(bool(back), size == 4 || size == 16) << size;
  }
}

// Most of the run log is rows like these.
TEST(Rows, TheWireOfAnAttemptTakesFewBytes) {
  AttemptWire wire = full_wire(RemoteKind::kV4);
  wire.reused = false;
  wire.connect = wire.first_byte = PhaseTime(milliseconds(3));
  std::string fields;
  FieldWriter out(fields);
  write_wire(out, 10, AttemptWire{});
  EXPECT_EQ(fields.size(), 0U) << "R3";
  write_wire(out, 10, wire);
  EXPECT_LE(fields.size(), 20U);
}

TEST(Rows, FieldsOfALaterVersionAreSkipped) {
  RowPlace place{RowKind::kSpec, 9, kKey};
  std::string row;
  seal_spec(place, full_spec(), row);
  std::string fields = row.substr(5);
  fields.append({static_cast<char>(120 << 1 | 1), 1, 3, 'n', 'e', 'w'});  // tag 120, three bytes
  auto back = unseal_spec(place, sealed(place, fields));
  ASSERT_TRUE(back) << back.error().detail;
  EXPECT_EQ(*back, full_spec());
}

}  // namespace
}  // namespace hourwheel::rows_test
