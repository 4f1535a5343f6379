// The fields of a definition's target.
#include "store/row_fields.h"

namespace hourwheel {
namespace {

// R3: what an absent field means, for ever.
constexpr int64_t kConnectTimeoutMs = 5'000;
constexpr int64_t kTimeoutMs = 30'000;
constexpr int64_t kTlsTimeoutMs = 5'000;

void write_tls(FieldWriter& out, const TargetTls& tls) {
  put_text(out, 1, tls.ca);
  put_text(out, 2, tls.pin);
  put_number(out, 3, tls.insecure_skip_verify ? 1 : 0);
  put_text(out, 4, tls.client_certificate);
}
void read_tls(FieldReader& outer, TargetTls& tls) {
  FieldReader in(outer.bytes());
  while (in.next()) {
    switch (in.tag()) {
      case 1:
        tls.ca = get_text(in);
        break;
      case 2:
        tls.pin = get_text(in);
        break;
      case 3:
        tls.insecure_skip_verify = in.number() != 0;
        break;
      case 4:
        tls.client_certificate = get_text(in);
        break;
      default:
        break;
    }
  }
  if (!in.good()) outer.fail();
}

void write_completion(FieldWriter& out, const CompletionPolicy& completion) {
  put_signed(out, 1, completion.timeout.ms);
  put_signed(out, 2, completion.heartbeat.ms);
}
void read_completion(FieldReader& outer, CompletionPolicy& completion) {
  FieldReader in(outer.bytes());
  while (in.next()) {
    if (in.tag() == 1) completion.timeout = get_duration(in);
    if (in.tag() == 2) completion.heartbeat = get_duration(in);
  }
  if (!in.good()) outer.fail();
}

// The fields of a target beside those of a plain request.
void read_target_choices(FieldReader& in, Target& target) {
  switch (in.tag()) {
    case 9:
      read_tls(in, target.tls);
      break;
    case 10:
      target.format = get_enum(in, RequestFormat::kCloudEvents);
      break;
    case 11:
      target.variables = in.number() != 0;
      break;
    case 12:
      target.success_body = get_text(in);
      break;
    case 13:
      read_completion(in, target.completion.emplace());
      break;
    case 14:
      target.store_response = in.number() == 0;
      break;
    default:
      break;
  }
}

}  // namespace

void write_target(FieldWriter& out, const Target& target) {
  out.number(1, static_cast<uint64_t>(target.kind));
  if (target.method != "POST") out.bytes(2, target.method);
  put_text(out, 3, target.url);
  for (const NamedText& header : target.headers) write_pair(out, 4, header);
  put_signed(out, 5, target.connect_timeout.ms, kConnectTimeoutMs);
  put_signed(out, 6, target.timeout.ms, kTimeoutMs);
  write_codes(out, 7, target.success_codes);
  put_signed(out, 8, target.tls_timeout.ms, kTlsTimeoutMs);
  if (target.tls != TargetTls{}) {
    out.fields(9, [&target](FieldWriter& inner) { write_tls(inner, target.tls); });
  }
  put_number(out, 10, static_cast<uint64_t>(target.format),
             static_cast<uint64_t>(RequestFormat::kRaw));
  put_number(out, 11, target.variables ? 1 : 0);
  put_text(out, 12, target.success_body);
  if (target.completion) {
    out.fields(13, [&target](FieldWriter& inner) { write_completion(inner, *target.completion); });
  }
  put_number(out, 14, target.store_response ? 0 : 1);  // that responses are not kept
}
void read_target(FieldReader& outer, Target& target) {
  FieldReader in(outer.bytes());
  target.connect_timeout = {kConnectTimeoutMs};
  target.timeout = {kTimeoutMs};
  target.tls_timeout = {kTlsTimeoutMs};
  while (in.next()) {
    switch (in.tag()) {
      case 1:
        target.kind = get_enum(in, TargetKind::kHttp);
        break;
      case 2:
        target.method = get_text(in);
        break;
      case 3:
        target.url = get_text(in);
        break;
      case 4:
        read_pair(in, target.headers);
        break;
      case 5:
        target.connect_timeout = get_duration(in);
        break;
      case 6:
        target.timeout = get_duration(in);
        break;
      case 7:
        read_codes(in, target.success_codes);
        break;
      case 8:
        target.tls_timeout = get_duration(in);
        break;
      default:
        read_target_choices(in, target);
        break;
    }
  }
  if (!in.good()) outer.fail();
}

}  // namespace hourwheel
