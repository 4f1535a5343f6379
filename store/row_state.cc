// The fields of a task's state.
#include "store/row_fields.h"

namespace hourwheel {
namespace {

void write_awaited(FieldWriter& out, const Awaited& awaited) {
  put_signed(out, 1, awaited.started.ms);
  put_signed(out, 2, awaited.until.ms);
  put_number(out, 3, awaited.version.value);
  put_signed(out, 4, awaited.heartbeat.ms);
  write_wire(out, 5, awaited.wire);
}
void read_awaited(FieldReader& outer, Awaited& awaited) {
  FieldReader in(outer.bytes());
  while (in.next()) {
    if (in.tag() == 1) awaited.started = get_instant(in);
    if (in.tag() == 2) awaited.until = get_instant(in);
    if (in.tag() == 3) awaited.version = {in.number()};
    if (in.tag() == 4) awaited.heartbeat = get_duration(in);
    if (in.tag() == 5) read_wire(in, awaited.wire);
  }
  if (!in.good()) outer.fail();
}

void write_report(FieldWriter& out, const Report& report) {
  out.number(1, static_cast<uint64_t>(report.kind));
  put_text(out, 2, report.text);
  put_number(out, 3, report.version.value);
}
void read_report(FieldReader& outer, Report& report) {
  FieldReader in(outer.bytes());
  while (in.next()) {
    if (in.tag() == 1) report.kind = get_enum(in, ReportKind::kFailedFinal);
    if (in.tag() == 2) report.text = get_text(in);
    if (in.tag() == 3) report.version = {in.number()};
  }
  if (!in.good()) outer.fail();
}

void write_open_run(FieldWriter& out, const OpenRun& run) {
  out.fields(1, [&run](FieldWriter& inner) { write_run_key(inner, run.key); });
  put_signed(out, 2, run.due.ms);
  put_signed(out, 3, run.next_attempt.ms);
  put_number(out, 4, run.attempts);
  put_number(out, 5, run.missed_count);
  put_number(out, 6, run.in_flight ? 1 : 0);
  put_number(out, 7, run.possible_duplicate ? 1 : 0);
  put_instant(out, 12, run.first_started);
  put_number(out, 13, run.claimed ? 1 : 0);
  put_signed(out, 8, run.jitter.ms);
  put_number(out, 9, run.superseded ? 1 : 0);
  put_number(out, 16, run.attempts_before);
  put_number(out, 17, run.redrive_count);
  put_instant(out, 18, run.counted_from);
  put_number(out, 19, run.canceled ? 1 : 0);
  if (run.awaited) {
    out.fields(20, [&run](FieldWriter& inner) { write_awaited(inner, *run.awaited); });
  }
  if (run.report) {
    out.fields(21, [&run](FieldWriter& inner) { write_report(inner, *run.report); });
  }
  write_run_payload(out, 22, run.payload);
}
// What redrive, backfill, cancel, completion and a payload of its own add to a run.
void read_open_run_more(FieldReader& in, OpenRun& run) {
  switch (in.tag()) {
    case 16:
      run.attempts_before = get_narrow<uint32_t>(in);
      break;
    case 17:
      run.redrive_count = get_narrow<uint32_t>(in);
      break;
    case 18:
      run.counted_from = get_instant(in);
      break;
    case 19:
      run.canceled = in.number() != 0;
      break;
    case 20:
      read_awaited(in, run.awaited.emplace());
      break;
    case 21:
      read_report(in, run.report.emplace());
      break;
    case 22:
      read_run_payload(in, run.payload);
      break;
    default:
      break;
  }
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
      case 12:
        run.first_started = get_instant(in);
        break;
      case 13:
        run.claimed = in.number() != 0;
        break;
      case 8:
        run.jitter = get_duration(in);
        break;
      case 9:
        run.superseded = in.number() != 0;
        break;
      default:
        read_open_run_more(in, run);
        break;
    }
  }
  // The retry policy counts the difference.
  if (!in.good() || run.attempts_before > run.attempts) outer.fail();
}

void write_backfill(FieldWriter& out, const Backfill& order) {
  put_number(out, 1, order.order.value);
  put_signed(out, 2, order.next.ms);
  put_signed(out, 3, order.last.ms);
  put_number(out, 4, order.left);
  put_signed(out, 5, order.opens_at.ms);
  put_signed(out, 6, order.gap.ms);
}
void read_backfill(FieldReader& outer, Backfill& order) {
  FieldReader in(outer.bytes());
  while (in.next()) {
    if (in.tag() == 1) order.order = {in.number()};
    if (in.tag() == 2) order.next = get_instant(in);
    if (in.tag() == 3) order.last = get_instant(in);
    if (in.tag() == 4) order.left = in.number();
    if (in.tag() == 5) order.opens_at = get_instant(in);
    if (in.tag() == 6) order.gap = get_duration(in);
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

void write_catch_up(FieldWriter& out, const CatchUp& owed) {
  put_signed(out, 1, owed.next.ms);
  put_signed(out, 2, owed.last.ms - owed.next.ms);
}
void read_catch_up(FieldReader& outer, CatchUp& owed) {
  FieldReader in(outer.bytes());
  uint64_t last_after = 0;
  while (in.next()) {
    if (in.tag() == 1) owed.next = get_instant(in);
    if (in.tag() == 2) last_after = static_cast<uint64_t>(in.signed_number());
  }
  // Unsigned on purpose: damaged bytes may not overflow a signed sum.
  owed.last = {static_cast<int64_t>(static_cast<uint64_t>(owed.next.ms) + last_after)};
  if (!in.good()) outer.fail();
}

// The fields of a state beside its first numbers.
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
    case 19:
      state.dead_in_row = get_narrow<uint32_t>(in);
      break;
    case 20:
      state.at_most_once = in.number() != 0;
      break;
    case 14:
      state.overlap = get_enum(in, Overlap::kCancelRunning);
      break;
    case 15:
      state.ended_runs = in.number();
      break;
    case 16:
      read_catch_up(in, state.catch_up.emplace_back());
      break;
    case 17:
      state.catch_up_after = get_instant(in);
      break;
    case 21:
      state.ruled_since = get_instant(in);
      break;
    case 22:
      read_backfill(in, state.backfill.emplace());
      break;
    case 23:
      state.claims_since = get_instant(in);
      break;
    case 24:
      state.created_by = get_text(in);
      break;
    default:
      break;
  }
}

}  // namespace

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
  put_number(out, 19, state.dead_in_row);
  put_number(out, 20, state.at_most_once ? 1 : 0);
  put_number(out, 14, static_cast<uint64_t>(state.overlap),
             static_cast<uint64_t>(Overlap::kBufferOne));
  put_number(out, 15, state.ended_runs);
  for (const CatchUp& owed : state.catch_up) {
    out.fields(16, [&owed](FieldWriter& inner) { write_catch_up(inner, owed); });
  }
  put_signed(out, 17, state.catch_up_after.ms);
  put_instant(out, 21, state.ruled_since);
  if (state.backfill) {
    out.fields(22, [&state](FieldWriter& inner) { write_backfill(inner, *state.backfill); });
  }
  put_signed(out, 23, state.claims_since.ms);
  put_text(out, 24, state.created_by);
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

}  // namespace hourwheel
