// Files of signing secrets and of master keys, and client certificates: what is accepted is of use
// and not too many, and none of the refused text is told (F1 of tools/hourwheel/secret_file.h).
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/check.h"
#include "engine/limits.h"
#include "net/secret_box.h"
#include "net/signature.h"
#include "net/tls_client_certificate.h"

using namespace hourwheel;  // NOLINT(google-build-using-namespace): a program of its own

namespace {

constexpr std::string_view kName = "?";
constexpr size_t kTelling = 12;  // so much of a secret in a row is no chance

void check_tells_nothing(const std::string& detail, std::string_view text) {
  for (size_t at = 0; at + kTelling <= text.size(); ++at) {
    const std::string_view part = text.substr(at, kTelling);
    // What our own words have in common with the file is not told by it.
    if (part.find(' ') != std::string_view::npos || part.find("whsec_") != std::string_view::npos) {
      continue;
    }
    HW_CHECK(detail.find(part) == std::string::npos, "F1 a secret is in no error");
  }
}

void check_master_keys(std::string_view text) {
  auto keys = read_master_keys(text, std::string(kName));
  if (!keys) return check_tells_nothing(keys.error().detail, text);
  HW_CHECK(!keys->empty() && keys->size() <= kMaxMasterKeys, "some, and not too many");
  const SecretBox box(std::move(*keys), std::string(kName));
  auto sealed = box.seal({"a", {1}}, SecretText("x"));
  HW_CHECK(sealed && box.open({"a", {1}}, *sealed), "what is accepted can seal");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  std::string_view text(reinterpret_cast<const char*>(bytes), size);
  check_master_keys(text);
  auto certificate = TlsClientCertificate::parse(text);
  if (!certificate) check_tells_nothing(certificate.error().detail, text);  // TC2
  auto secrets = read_signing_secrets(text, std::string(kName));
  if (!secrets) {
    check_tells_nothing(secrets.error().detail, text);
    return 0;
  }
  HW_CHECK(!secrets->empty() && secrets->size() <= kMaxSigningSecrets, "some, and not too many");
  HW_CHECK(Signer::create(*secrets).has_value(), "what is accepted can sign");
  return 0;
}
