// The fields of a run record.
#include "store/row_fields.h"

namespace hourwheel {
namespace {

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
  write_wire(out, 10, outcome.wire);
  put_text(out, 11, outcome.kept_fields);
}
void read_outcome(FieldReader& outer, AttemptOutcome& outcome) {
  FieldReader in(outer.bytes());
  while (in.next()) {
    switch (in.tag()) {
      case 1:
        outcome.result = get_enum(in, kLastAttemptResult);
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
      case 10:
        read_wire(in, outcome.wire);
        break;
      case 11:
        outcome.kept_fields = get_text(in);
        break;
      default:
        break;
    }
  }
  if (!in.good()) outer.fail();
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
    case 14:
      record.jitter = get_duration(in);
      break;
    case 18:
      record.redrive_count = get_narrow<uint32_t>(in);
      break;
    default:
      break;
  }
}

}  // namespace

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
  put_signed(out, 14, record.jitter.ms);
  put_number(out, 18, record.redrive_count);
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

}  // namespace hourwheel
