#include "store/rows.h"

#include <array>

#include "store/crc32c.h"
#include "store/row_fields.h"
#include "store/tagged.h"

namespace hourwheel {
namespace {

constexpr uint8_t kCodecVersion = 1;
constexpr size_t kSealBytes = 5;

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
    case RowKind::kDead:
      return "a dead letter of task " + number;
    case RowKind::kAnswer:
      return "the answer kept under " + base32(place.key);
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
RowPlace place_of(const AnswerScope& scope) {
  return {RowKind::kAnswer, 0, {scope.high, scope.low}};
}
tl::unexpected<Error> undecodable(const RowPlace& place) {
  return failure(ErrorCode::kCorrupt, "", name_of(place) + " does not decode");
}

}  // namespace

KeyBytes key_bytes(TaskKey key) {
  KeyBytes key_text{};
  for (size_t i = 0; i < 8; i++) {
    key_text.bytes[i] = static_cast<char>(key.high >> (8 * (7 - i)));
    key_text.bytes[8 + i] = static_cast<char>(key.low >> (8 * (7 - i)));
  }
  return key_text;
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

KeyBytes scope_bytes(const AnswerScope& scope) {
  return key_bytes({scope.high, scope.low});
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
    if (parts.removed && !parts.state) writer.bytes(2, key_bytes(parts.key));
    if (!parts.id.empty()) writer.bytes(5, parts.id);
  });
}

void seal_dead(const DeadRun& dead, std::string& out) {
  seal({RowKind::kDead, dead.task.value, {}}, out,
       [&dead](FieldWriter& writer) { write_dead(writer, dead); });
}

void seal_answer(const KeptAnswer& answer, std::string& out) {
  seal(place_of(answer.key.scope), out,
       [&answer](FieldWriter& writer) { write_answer(writer, answer); });
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

Result<DeadRun> unseal_dead(TaskNumber task, std::string_view row) {
  RowPlace place{RowKind::kDead, task.value, {}};
  auto fields = unseal(place, row);
  if (!fields) return failure(std::move(fields.error()));
  FieldReader in(*fields);
  DeadRun dead;
  dead.task = task;
  read_dead(in, dead);
  if (!in.good()) return undecodable(place);
  return dead;
}

Result<KeptAnswer> unseal_answer(const AnswerScope& scope, std::string_view row) {
  const RowPlace place = place_of(scope);
  auto fields = unseal(place, row);
  if (!fields) return failure(std::move(fields.error()));
  FieldReader in(*fields);
  KeptAnswer answer;
  answer.key.scope = scope;
  read_answer(in, answer);
  if (!in.good()) return undecodable(place);
  return answer;
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
    } else if (in.tag() == 5) {
      log.id = std::string(in.bytes());
    }
  }
  if (!in.good()) return undecodable(place);
  return log;
}

}  // namespace hourwheel
