#include "store/row_fields.h"

#include <algorithm>

namespace hourwheel {
namespace {

// Zero is a time, too.
void put_phase(FieldWriter& out, uint32_t tag, PhaseTime phase) {
  if (const auto took = phase.took()) out.number(tag, static_cast<uint64_t>(took->ms));
}
PhaseTime get_phase(FieldReader& in) {
  return PhaseTime(Duration{get_narrow<uint32_t>(in)});
}

constexpr size_t kV4Bytes = 4;

void read_remote(FieldReader& in, AttemptWire& wire) {
  const std::string_view bytes = in.bytes();
  if (bytes.size() != kV4Bytes && bytes.size() != wire.address.size()) {
    in.fail();
    return;
  }
  wire.remote = bytes.size() == kV4Bytes ? RemoteKind::kV4 : RemoteKind::kV6;
  wire.address = {};
  std::copy(bytes.begin(), bytes.end(), wire.address.begin());
}

}  // namespace

void write_run_key(FieldWriter& out, const RunKey& key) {
  put_number(out, 1, key.generation.value);
  put_number(out, 2, static_cast<uint64_t>(key.trigger), static_cast<uint64_t>(Trigger::kSchedule));
  put_signed(out, 3, key.instant_or_nonce);
}
void read_run_key(FieldReader& outer, RunKey& key) {
  FieldReader in(outer.bytes());
  while (in.next()) {
    switch (in.tag()) {
      case 1:
        key.generation = {in.number()};
        break;
      case 2:
        key.trigger = get_enum(in, Trigger::kBackfill);
        break;
      case 3:
        key.instant_or_nonce = in.signed_number();
        break;
      default:
        break;  // a later version's
    }
  }
  if (!in.good()) outer.fail();
}

void write_run_payload(FieldWriter& out, uint32_t tag, const std::optional<RunPayload>& payload) {
  if (!payload) return;
  out.fields(tag, [&payload](FieldWriter& inner) {
    inner.number(1, static_cast<uint64_t>(payload->kind));
    put_text(inner, 2, payload->body);
    put_text(inner, 3, payload->content_type);
  });
}
void read_run_payload(FieldReader& outer, std::optional<RunPayload>& payload) {
  FieldReader in(outer.bytes());
  RunPayload& read = payload.emplace();
  while (in.next()) {
    if (in.tag() == 1) read.kind = get_enum(in, PayloadKind::kText);
    if (in.tag() == 2) read.body = get_text(in);
    if (in.tag() == 3) read.content_type = get_text(in);
  }
  if (!in.good()) outer.fail();
}

void write_codes(FieldWriter& out, uint32_t tag, const std::vector<CodeRange>& ranges) {
  for (const CodeRange& range : ranges) {
    out.number(tag, (static_cast<uint64_t>(range.first) << 16) | range.last);
  }
}
void read_codes(FieldReader& outer, std::vector<CodeRange>& ranges) {
  if (outer.number() > UINT32_MAX) outer.fail();
  ranges.push_back({static_cast<uint16_t>(outer.number() >> 16),
                    static_cast<uint16_t>(outer.number() & UINT16_MAX)});
}

void write_wire(FieldWriter& out, uint32_t tag, const AttemptWire& wire) {
  if (wire == AttemptWire{}) return;
  out.fields(tag, [&wire](FieldWriter& inner) {
    const size_t size = wire.remote == RemoteKind::kV4 ? kV4Bytes : wire.address.size();
    if (wire.remote != RemoteKind::kNone) {
      inner.bytes(1, {reinterpret_cast<const char*>(wire.address.data()), size});
    }
    put_number(inner, 2, wire.port);
    put_number(inner, 3, wire.reused ? 1 : 0);
    put_phase(inner, 4, wire.connect);
    put_phase(inner, 5, wire.tls);
    put_phase(inner, 6, wire.first_byte);
  });
}
void read_wire(FieldReader& outer, AttemptWire& wire) {
  FieldReader in(outer.bytes());
  while (in.next()) {
    if (in.tag() == 1) read_remote(in, wire);
    if (in.tag() == 2) wire.port = get_narrow<uint16_t>(in);
    if (in.tag() == 3) wire.reused = in.number() != 0;
    if (in.tag() == 4) wire.connect = get_phase(in);
    if (in.tag() == 5) wire.tls = get_phase(in);
    if (in.tag() == 6) wire.first_byte = get_phase(in);
  }
  if (!in.good()) outer.fail();
}

void write_pair(FieldWriter& out, uint32_t tag, const NamedText& pair) {
  out.fields(tag, [&pair](FieldWriter& inner) {
    put_text(inner, 1, pair.first);
    put_text(inner, 2, pair.second);
  });
}
void read_pair(FieldReader& outer, std::vector<NamedText>& pairs) {
  FieldReader in(outer.bytes());
  NamedText& pair = pairs.emplace_back();
  while (in.next()) {
    if (in.tag() == 1) pair.first = get_text(in);
    if (in.tag() == 2) pair.second = get_text(in);
  }
  if (!in.good()) outer.fail();
}

}  // namespace hourwheel
