// The fields of a stored secret, and those of a definition that name one (tags 48 and 49).
#include "store/row_fields.h"

namespace hourwheel {
namespace {

void write_sealed(FieldWriter& out, uint32_t tag, const SealedValue& value) {
  if (value.bytes.empty()) return;
  out.fields(tag, [&value](FieldWriter& inner) {
    inner.number(1, value.version.value);
    inner.bytes(2, value.bytes);
  });
}
void read_sealed(FieldReader& outer, SealedValue& value) {
  FieldReader in(outer.bytes());
  while (in.next()) {
    if (in.tag() == 1) value.version = {in.number()};
    if (in.tag() == 2) value.bytes = get_text(in);
  }
  if (!in.good() || value.bytes.empty()) outer.fail();
}

void read_auth(FieldReader& outer, TargetAuth& auth) {
  FieldReader in(outer.bytes());
  while (in.next()) {
    if (in.tag() == 1) auth.kind = get_enum(in, AuthKind::kHeader);
    if (in.tag() == 2) auth.secret = get_text(in);
    if (in.tag() == 3) auth.name = get_text(in);
  }
  if (!in.good() || auth.kind == AuthKind::kNone || auth.secret.empty()) outer.fail();
}

}  // namespace

void write_secret(FieldWriter& out, const StoredSecret& secret) {
  write_sealed(out, 1, secret.value);
  write_sealed(out, 2, secret.previous);
  put_signed(out, 3, secret.previous_until.ms);
  for (const std::string& host : secret.hosts) out.bytes(4, host);
  put_signed(out, 5, secret.created.ms);
  put_signed(out, 6, secret.updated.ms);
  put_text(out, 7, secret.created_by);
}
void read_secret(FieldReader& in, StoredSecret& secret) {
  while (in.next()) {
    if (in.tag() == 1) read_sealed(in, secret.value);
    if (in.tag() == 2) read_sealed(in, secret.previous);
    if (in.tag() == 3) secret.previous_until = get_instant(in);
    if (in.tag() == 4) secret.hosts.push_back(get_text(in));
    if (in.tag() == 5) secret.created = get_instant(in);
    if (in.tag() == 6) secret.updated = get_instant(in);
    if (in.tag() == 7) secret.created_by = get_text(in);
  }
  if (secret.value.bytes.empty()) in.fail();
}

void write_proofs(FieldWriter& out, const Target& target) {
  if (target.auth.kind != AuthKind::kNone) {
    out.fields(48, [&target](FieldWriter& inner) {
      inner.number(1, static_cast<uint64_t>(target.auth.kind));
      inner.bytes(2, target.auth.secret);
      put_text(inner, 3, target.auth.name);
    });
  }
  put_text(out, 49, target.signing_secret);
}
void read_proofs(FieldReader& in, Target& target) {
  if (in.tag() == 48) read_auth(in, target.auth);
  if (in.tag() == 49) target.signing_secret = get_text(in);
}

}  // namespace hourwheel
