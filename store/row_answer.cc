// The fields of an answer that is kept for a request sent again.
#include <algorithm>

#include "store/row_fields.h"

namespace hourwheel {
namespace {

void read_done(FieldReader& in, CommandDone& done) {
  switch (in.tag()) {
    case 3:
      done.effect = get_enum(in, CommandEffect::kStarted);
      break;
    case 4: {
      FieldReader inner(in.bytes());
      read_spec(inner, *(done.spec = std::make_unique<TaskSpec>()));
      if (!inner.good()) in.fail();
      break;
    }
    case 5: {
      FieldReader inner(in.bytes());
      read_state(inner, done.state);
      if (!inner.good()) in.fail();
      break;
    }
    case 6:
      done.in_flight = get_narrow<uint32_t>(in);
      break;
    case 7:
      read_run_key(in, done.run.emplace());
      break;
    case 8:
      read_record(in, *(done.ended = std::make_unique<RunRecord>()));
      break;
    default:
      break;  // a later version's
  }
}

}  // namespace

void write_answer(FieldWriter& out, const KeptAnswer& answer) {
  const CommandDone& done = answer.done;
  const auto* body = reinterpret_cast<const char*>(answer.key.body.data());
  out.bytes(1, {body, answer.key.body.size()});
  put_signed(out, 2, answer.decided.ms);
  out.number(3, static_cast<uint64_t>(done.effect));
  if (done.spec) out.fields(4, [&done](FieldWriter& inner) { write_spec(inner, *done.spec); });
  out.fields(5, [&done](FieldWriter& inner) { write_state(inner, done.state); });
  put_number(out, 6, done.in_flight);
  if (done.run) out.fields(7, [&done](FieldWriter& inner) { write_run_key(inner, *done.run); });
  if (done.ended) {
    out.fields(8, [&done](FieldWriter& inner) { write_record(inner, *done.ended); });
    put_number(out, 9, done.ended->task.value);
  }
}

void read_answer(FieldReader& in, KeptAnswer& answer) {
  TaskNumber task;
  bool has_body = false;
  bool has_effect = false;
  while (in.next()) {
    switch (in.tag()) {
      case 1:
        has_body = in.bytes().size() == answer.key.body.size();
        if (has_body) std::copy(in.bytes().begin(), in.bytes().end(), answer.key.body.begin());
        break;
      case 2:
        answer.decided = get_instant(in);
        break;
      case 9:
        task = {in.number()};
        break;
      default:
        has_effect = has_effect || in.tag() == 3;
        read_done(in, answer.done);
        break;
    }
  }
  if (answer.done.ended) answer.done.ended->task = task;
  // What is told of it asks for these.
  const bool stands = answer.done.effect != CommandEffect::kDeleted;
  if (!has_body || !has_effect || (stands && !answer.done.spec)) in.fail();
}

}  // namespace hourwheel
