// The entries of one row of the audit log. Who asked is written once for all entries behind that
// have the same actor.
#include <algorithm>

#include "store/digest.h"
#include "store/row_fields.h"
#include "store/rows.h"

namespace hourwheel {
namespace {

std::string_view text_of(const Actor::Address& address) {
  return {reinterpret_cast<const char*>(address.data()), address.size()};
}

template <size_t n>
std::optional<std::array<uint8_t, n>> get_array(FieldReader& in) {
  std::array<uint8_t, n> bytes{};
  if (in.bytes().size() != n) {
    in.fail();
    return std::nullopt;
  }
  std::copy(in.bytes().begin(), in.bytes().end(), bytes.begin());
  return bytes;
}

void write_actor(FieldWriter& out, const Actor& actor) {
  put_text(out, 1, actor.key);
  if (actor.address) out.bytes(2, text_of(*actor.address));
}

void read_actor(FieldReader& outer, Actor& actor) {
  actor = {};
  FieldReader in(outer.bytes());
  while (in.next()) {
    if (in.tag() == 1) actor.key = get_text(in);
    if (in.tag() == 2) actor.address = get_array<std::tuple_size_v<Actor::Address>>(in);
  }
  if (!in.good()) outer.fail();
}

void put_digest(FieldWriter& out, uint32_t tag, const std::optional<AuditDigest>& digest) {
  if (digest) out.bytes(tag, bytes_of(*digest));
}

void write_entry(FieldWriter& out, const AuditEntry& entry) {
  put_signed(out, 1, entry.at.ms);
  put_number(out, 2, static_cast<uint64_t>(entry.action));
  put_text(out, 3, entry.subject);
  // A task's key follows from its id.
  if (entry.subject.empty() && entry.task != TaskKey{}) out.bytes(4, key_bytes(entry.task));
  if (!entry.subject.empty() && entry.task != TaskKey{}) out.number(5, 1);
  put_number(out, 6, entry.version.value);
  if (entry.run) out.fields(7, [&entry](FieldWriter& inner) { write_run_key(inner, *entry.run); });
  put_text(out, 8, entry.note);
  put_digest(out, 9, entry.before);
  put_digest(out, 10, entry.after);
}

void read_what(FieldReader& in, AuditEntry& entry) {
  switch (in.tag()) {
    case 1:
      entry.at = get_instant(in);
      break;
    case 2:
      entry.action = get_enum(in, kLastAuditAction);
      break;
    case 3:
      entry.subject = get_text(in);
      break;
    case 4:
      if (auto key = parse_key(in.bytes())) {
        entry.task = *key;
      } else {
        in.fail();
      }
      break;
    case 5:
      entry.task = task_key(entry.subject);
      break;
    case 6:
      entry.version = {in.number()};
      break;
    default:
      break;
  }
}

void read_entry(FieldReader& outer, AuditEntry& entry) {
  FieldReader in(outer.bytes());
  while (in.next()) {
    switch (in.tag()) {
      case 7:
        read_run_key(in, entry.run.emplace());
        break;
      case 8:
        entry.note = get_text(in);
        break;
      case 9:
        entry.before = get_array<std::tuple_size_v<AuditDigest>>(in);
        break;
      case 10:
        entry.after = get_array<std::tuple_size_v<AuditDigest>>(in);
        break;
      default:
        read_what(in, entry);
        break;
    }
  }
  if (!in.good()) outer.fail();
}

}  // namespace

void write_audit(FieldWriter& out, std::span<const AuditEntry> entries) {
  const Actor* told = nullptr;
  for (const AuditEntry& entry : entries) {
    if (told == nullptr || !(*told == entry.actor)) {
      out.fields(1, [&entry](FieldWriter& inner) { write_actor(inner, entry.actor); });
      told = &entry.actor;
    }
    out.fields(2, [&entry](FieldWriter& inner) { write_entry(inner, entry); });
  }
}

void read_audit(FieldReader& in, std::vector<AuditEntry>& entries) {
  Actor actor;
  while (in.next()) {
    if (in.tag() == 1) {
      read_actor(in, actor);
    } else if (in.tag() == 2) {
      AuditEntry& entry = entries.emplace_back();
      entry.actor = actor;
      read_entry(in, entry);
    }
  }
}

}  // namespace hourwheel
