#include "api/tls_json.h"

#include "api/auth_json.h"
#include "api/base64.h"
#include "api/crypto.h"
#include "api/members.h"
#include "engine/limits.h"

namespace hourwheel {
namespace {

constexpr std::string_view kPinPrefix = "sha256/";
constexpr size_t kPinSize = 7 + 44;  // of the prefix, and of the base64 of 32 bytes

struct TlsReading {
  TargetTls& tls;
  FieldErrors& errors;
};

void read_ca(TlsReading& reading, const JsonValue& value) {
  if (!read_text(value, kMaxTargetCa, reading.tls.ca, reading.errors)) return;
  // A key that came along would be stored, and shown to whoever may read tasks.
  if (reading.tls.ca.find("PRIVATE KEY") != std::string::npos) {
    reading.tls.ca.clear();
    return reading.errors.add(value, "invalid", "has a private key in it; certificates are enough");
  }
  if (!are_certificates(reading.tls.ca)) {
    reading.errors.add(value, "invalid", "must be one or more certificates as PEM text");
  }
}

void read_pin(TlsReading& reading, const JsonValue& value) {
  std::string text;
  if (!read_text(value, kPinSize, text, reading.errors)) return;
  const bool prefixed = text.starts_with(kPinPrefix);
  const auto digest =
      prefixed ? base64_decode(std::string_view(text).substr(kPinPrefix.size()), Base64::kStandard)
               : std::nullopt;
  if (!digest || digest->size() != Digest{}.size()) {
    return reading.errors.add(value, "invalid",
                              "must be \"sha256/\" and the base64 of the SHA-256 of a public key "
                              "(SubjectPublicKeyInfo)");
  }
  reading.tls.pin = std::move(text);
}

constexpr Member<TlsReading> kTlsMembers[] = {
    {"ca", read_ca},
    {"pin", read_pin},
    {"insecure_skip_verify",
     [](TlsReading& reading, const JsonValue& value) {
       read_truth(value, reading.tls.insecure_skip_verify, reading.errors);
     }},
    {"client_certificate",
     [](TlsReading& reading, const JsonValue& value) {
       read_secret_name(value, reading.tls.client_certificate, reading.errors);
     }},
};

}  // namespace

void read_tls(const JsonValue& value, Shape shape, TargetTls& tls, FieldErrors& errors) {
  if (value.is(JsonKind::kNull)) return;
  TlsReading reading{tls, errors};
  std::span<const Member<TlsReading>> members = kTlsMembers;
  read_members(value, members, unknown_of(shape), reading);
}

void write_tls(JsonWriter& json, const TargetTls& tls) {
  json.begin_object();
  if (!tls.ca.empty()) {
    json.name("ca");
    json.string(tls.ca);
  }
  if (!tls.pin.empty()) {
    json.name("pin");
    json.string(tls.pin);
  }
  json.name("insecure_skip_verify");
  json.boolean(tls.insecure_skip_verify);
  if (!tls.client_certificate.empty()) {
    json.name("client_certificate");
    json.string(tls.client_certificate);
  }
  json.end_object();
}

}  // namespace hourwheel
