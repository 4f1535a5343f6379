// The stored secrets as one reactor sends them, and what an attempt proves itself with to its
// target: a header field, a signature of its own, a certificate, or none of them.
//
// Invariants
//   TA1  A secret with hosts goes to those only, by the name in the URL: what would send it
//   elsewhere
//        ends before anything is sent.
//   TA2  What goes into a field has no control characters and no space at its ends (Q1): a secret
//   that
//        has is not sent.
// Cost: a binary search a secret; a signer is set up, and a certificate read, when its secret is
// first used.
// Thread: a table is its reactor's.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/ports.h"
#include "engine/task.h"
#include "net/signature.h"
#include "net/tls_client_certificate.h"

namespace hourwheel {

class SecretTable {
 public:
  struct Entry {
    std::string name;
    Version version;  // of the value
    std::vector<std::string> hosts;
    SecretText value;
    SecretText previous;  // empty: there is none
    Instant previous_until;
    std::unique_ptr<Signer> signer{};  // once it was asked for
    bool signs_with_previous = false;
    std::optional<TlsClientCertificate> certificate{};  // once it was asked for
  };

  SecretTable() = default;
  // Requires: they are by name, and open (SB1).
  static SecretTable open(const std::vector<StoredSecret>& secrets, const Sealer& sealer);

  // null: there is none of this name.
  [[nodiscard]] Entry* find(std::string_view name);

 private:
  std::vector<Entry> entries_;  // by name
};

struct TargetProof {
  NamedText field;           // without a name: none
  Signer* signer = nullptr;  // null: the server's own
  const TlsClientCertificate* certificate = nullptr;
  Version certificate_version{};  // of its secret; 0: there is none
};
// Why an attempt ends before it begins.
struct NoProof {
  AttemptResult result = AttemptResult::kNone;
  std::string detail;
};
// `host` is that of the target's URL.
tl::expected<TargetProof, NoProof> prove(const Target& target, std::string_view host,
                                         SecretTable& secrets, Instant now);

}  // namespace hourwheel
