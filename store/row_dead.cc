// The fields of a dead letter.
#include "store/row_fields.h"
#include "store/rows.h"

namespace hourwheel {
namespace {

// What comes after the numbers.
void read_last_attempt(FieldReader& in, DeadRun& dead) {
  switch (in.tag()) {
    case 10:
      dead.result = get_enum(in, kLastAttemptResult);
      break;
    case 11:
      dead.status = get_narrow<uint16_t>(in);
      break;
    case 12:
      dead.detail = get_text(in);
      break;
    case 13:
      read_run_payload(in, dead.payload);
      break;
    default:
      break;  // a later version's
  }
}

}  // namespace

void write_dead(FieldWriter& out, const DeadRun& dead) {
  out.bytes(1, key_bytes(dead.key));
  put_number(out, 2, dead.task_version.value);
  out.fields(3, [&dead](FieldWriter& inner) { write_run_key(inner, dead.run); });
  put_signed(out, 4, dead.due.ms);
  put_signed(out, 5, dead.ended.ms);
  put_number(out, 6, dead.attempts);
  put_number(out, 7, dead.missed_count);
  put_number(out, 8, dead.redrive_count);
  put_number(out, 9, dead.possible_duplicate ? 1 : 0);
  put_number(out, 10, static_cast<uint64_t>(dead.result));
  put_number(out, 11, dead.status);
  put_text(out, 12, dead.detail);
  write_run_payload(out, 13, dead.payload);
}
void read_dead(FieldReader& in, DeadRun& dead) {
  while (in.next()) {
    switch (in.tag()) {
      case 1: {
        auto key = parse_key(in.bytes());
        if (!key) in.fail();
        dead.key = key.value_or(TaskKey{});
        break;
      }
      case 2:
        dead.task_version = {in.number()};
        break;
      case 3:
        read_run_key(in, dead.run);
        break;
      case 4:
        dead.due = get_instant(in);
        break;
      case 5:
        dead.ended = get_instant(in);
        break;
      case 6:
        dead.attempts = get_narrow<uint32_t>(in);
        break;
      case 7:
        dead.missed_count = in.number();
        break;
      case 8:
        dead.redrive_count = get_narrow<uint32_t>(in);
        break;
      case 9:
        dead.possible_duplicate = in.number() != 0;
        break;
      default:
        read_last_attempt(in, dead);
        break;
    }
  }
}

}  // namespace hourwheel
