// What the fields of rows are made of: values with their defaults, the parts that several rows
// share, and one pair write/read for each thing a row holds. rows.cc puts the seal around them.
//
// A value that is its default is not written (R3). A reader fails its FieldReader on what it cannot
// mean and leaves the rest of the thing as it is: the caller throws it away (R2).
// Cost: one pass. Thread: pure functions, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/answer.h"
#include "engine/attempt_wire.h"
#include "engine/audit.h"
#include "engine/run.h"
#include "engine/secret.h"
#include "engine/task.h"
#include "store/tagged.h"

namespace hourwheel {

inline void put_number(FieldWriter& out, uint32_t tag, uint64_t value, uint64_t absent = 0) {
  if (value != absent) out.number(tag, value);
}
inline void put_signed(FieldWriter& out, uint32_t tag, int64_t value, int64_t absent = 0) {
  if (value != absent) out.signed_number(tag, value);
}
inline void put_text(FieldWriter& out, uint32_t tag, std::string_view value) {
  if (!value.empty()) out.bytes(tag, value);
}
inline void put_instant(FieldWriter& out, uint32_t tag, const std::optional<Instant>& value) {
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
inline Instant get_instant(FieldReader& in) {
  return Instant{in.signed_number()};
}
inline Duration get_duration(FieldReader& in) {
  return Duration{in.signed_number()};
}
inline std::string get_text(FieldReader& in) {
  return std::string(in.bytes());
}

// --- parts shared by several rows; read_* take the field the outer reader stands on ---

void write_run_key(FieldWriter& out, const RunKey& key);
void read_run_key(FieldReader& outer, RunKey& key);
void write_run_payload(FieldWriter& out, uint32_t tag, const std::optional<RunPayload>& payload);
void read_run_payload(FieldReader& outer, std::optional<RunPayload>& payload);
void write_codes(FieldWriter& out, uint32_t tag, const std::vector<CodeRange>& ranges);
void read_codes(FieldReader& outer, std::vector<CodeRange>& ranges);  // one of them
void write_pair(FieldWriter& out, uint32_t tag, const NamedText& pair);
void read_pair(FieldReader& outer, std::vector<NamedText>& pairs);
void write_wire(FieldWriter& out, uint32_t tag, const AttemptWire& wire);
void read_wire(FieldReader& outer, AttemptWire& wire);
void write_target(FieldWriter& out, const Target& target);
void read_target(FieldReader& outer, Target& target);
// The fields of a definition from tag 40 on.
void write_notices(FieldWriter& out, const TaskSpec& spec);
void read_notices(FieldReader& in, TaskSpec& spec);
// Those of them that name secrets.
void write_proofs(FieldWriter& out, const Target& target);
void read_proofs(FieldReader& in, Target& target);

// --- whole things; read_* take a reader of just their fields ---

void write_spec(FieldWriter& out, const TaskSpec& spec);
void read_spec(FieldReader& in, TaskSpec& spec);
void write_state(FieldWriter& out, const TaskState& state);
void read_state(FieldReader& in, TaskState& state);
void write_record(FieldWriter& out, const RunRecord& record);
// Takes the field the outer reader stands on.
void read_record(FieldReader& outer, RunRecord& record);
void write_dead(FieldWriter& out, const DeadRun& dead);
void read_dead(FieldReader& in, DeadRun& dead);
void write_answer(FieldWriter& out, const KeptAnswer& answer);
void read_answer(FieldReader& in, KeptAnswer& answer);
void write_secret(FieldWriter& out, const StoredSecret& secret);
void read_secret(FieldReader& in, StoredSecret& secret);
// All entries of one row.
void write_audit(FieldWriter& out, std::span<const AuditEntry> entries);
void read_audit(FieldReader& in, std::vector<AuditEntry>& entries);

}  // namespace hourwheel
