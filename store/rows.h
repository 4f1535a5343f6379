// Rows and bytes: how definitions, states and run records are stored.
//
// A sealed row is: one byte codec version, four bytes CRC-32C (little endian), then tagged fields.
// The checksum covers what kind of row it is, whose (task number or log position, and key), the
// codec version and the fields, so that a row that strayed to another place does not pass either.
//
// Invariants
//   R1  unseal accepts exactly what seal made for the same kind, place and key.
//   R2  No bytes whatever make a decoder crash; what does not decode is kCorrupt, and says which
//       row.
//   R3  Defaults of absent fields are the codec's own and never change, whatever
//       engine/limits.h says.
// Cost: well below a microsecond a row without a long payload. Thread: pure functions, any thread.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "engine/answer.h"
#include "engine/base/result.h"
#include "engine/run.h"
#include "engine/task.h"

namespace hourwheel {

// Stored within the checksum: only append.
enum class RowKind : uint8_t {
  kSeed = 1,
  kSpec = 2,
  kState = 3,
  kLog = 4,
  kDead = 16,
  kAnswer = 17
};

struct RowPlace {
  RowKind kind = RowKind::kSeed;
  uint64_t number = 0;  // of the task; of a log row its position
  TaskKey key;          // zero for log rows and dead letters; of an answer its scope
};

// What one row of the run log says: a record, a state, both, or that the task is gone.
struct LogRow {
  TaskNumber task;
  TaskKey key;  // with a state, and where the task is gone
  std::optional<RunRecord> record;
  std::optional<TaskState> state;  // of the task after this row
  bool removed = false;            // nothing of the task is left
  std::string id;                  // of a task that was removed
};

inline constexpr size_t kKeyBytes = 16;
struct KeyBytes {  // big endian, so that bytes sort as keys do
  std::array<char, kKeyBytes> bytes;
  operator std::string_view() const { return {bytes.data(), bytes.size()}; }  // NOLINT: is one
};
KeyBytes key_bytes(TaskKey key);
std::optional<TaskKey> parse_key(std::string_view bytes);
KeyBytes scope_bytes(const AnswerScope& scope);

// Each appends one sealed row to `out`.
void seal_state(const RowPlace& place, const TaskState& state, std::string& out);
void seal_spec(const RowPlace& place, const TaskSpec& spec, std::string& out);
struct LogParts {  // pointers, so that nothing is copied on the way
  const RunRecord* record = nullptr;
  const TaskState* state = nullptr;
  TaskKey key;
  bool removed = false;
  std::string_view id;  // of a task that was removed
};
void seal_log(uint64_t seq, TaskNumber task, const LogParts& parts, std::string& out);

void seal_dead(const DeadRun& dead, std::string& out);
void seal_answer(const KeptAnswer& answer, std::string& out);

Result<TaskState> unseal_state(const RowPlace& place, std::string_view row);
Result<TaskSpec> unseal_spec(const RowPlace& place, std::string_view row);
Result<LogRow> unseal_log(uint64_t seq, TaskNumber task, std::string_view row);
Result<DeadRun> unseal_dead(TaskNumber task, std::string_view row);
Result<KeptAnswer> unseal_answer(const AnswerScope& scope, std::string_view row);

}  // namespace hourwheel
