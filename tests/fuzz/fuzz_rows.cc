// The fields of stored rows, behind the checksum: damage is refused or read as something that is
// written and read again the same.
#include <cstddef>
#include <cstdint>
#include <string>

#include "engine/base/check.h"
#include "store/row_fields.h"

using namespace hourwheel;  // NOLINT(google-build-using-namespace): a program of its own

namespace {

template <class Thing>
void try_fields(std::string_view bytes, void (*read)(FieldReader&, Thing&),
                void (*write)(FieldWriter&, const Thing&)) {
  FieldReader in(bytes);
  Thing thing;
  read(in, thing);
  if (!in.good()) return;
  std::string written;
  FieldWriter out(written);
  write(out, thing);
  FieldReader again(written);
  Thing same;
  read(again, same);
  HW_CHECK(again.good() && same == thing, "R1 what is written reads back");
}

// What it holds is tried above; here what reads it survives, and what is written reads back.
void try_answer(std::string_view bytes) {
  FieldReader in(bytes);
  KeptAnswer answer;
  read_answer(in, answer);
  if (!in.good()) return;
  std::string written;
  FieldWriter out(written);
  write_answer(out, answer);
  FieldReader again(written);
  KeptAnswer same;
  read_answer(again, same);
  HW_CHECK(again.good() && same.key.body == answer.key.body &&
               same.done.state == answer.done.state && same.done.effect == answer.done.effect &&
               same.done.run == answer.done.run && same.done.in_flight == answer.done.in_flight,
           "R1 what is written reads back");
}

// A record is a field of what holds it.
void try_record(std::string_view bytes) {
  std::string row;
  FieldWriter(row).bytes(1, bytes);
  FieldReader in(row);
  in.next();
  RunRecord record;
  read_record(in, record);
  if (!in.good()) return;
  std::string written;
  FieldWriter(written).fields(1, [&record](FieldWriter& inner) { write_record(inner, record); });
  FieldReader again(written);
  again.next();
  RunRecord same;
  read_record(again, same);
  HW_CHECK(again.good() && same == record, "R1 what is written reads back");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  std::string_view text(reinterpret_cast<const char*>(bytes), size);
  try_fields<TaskSpec>(text, &read_spec, &write_spec);
  try_fields<TaskState>(text, &read_state, &write_state);
  try_answer(text);
  try_record(text);
  return 0;
}
