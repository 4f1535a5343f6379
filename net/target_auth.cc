#include "net/target_auth.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "net/base64.h"

namespace hourwheel {
namespace {

using Entry = SecretTable::Entry;

tl::unexpected<NoProof> no_proof(AttemptResult result, std::string_view name,
                                 const std::string& why) {
  return tl::unexpected<NoProof>(
      NoProof{result, "the secret " + std::string(name) + " " + why + "; nothing was sent"});
}

tl::expected<Entry*, NoProof> secret_for(std::string_view name, std::string_view host,
                                         SecretTable& secrets) {
  Entry* found = secrets.find(name);
  if (found == nullptr) return no_proof(AttemptResult::kSecretMissing, name, "does not exist");
  const auto& hosts = found->hosts;
  if (!hosts.empty() && std::find(hosts.begin(), hosts.end(), host) == hosts.end()) {  // TA1
    return no_proof(AttemptResult::kSecretRefused, name, "is not for the target's host");
  }
  return found;
}

// TA2
bool fits_field(std::string_view text) {
  auto is_space = [](char c) { return c == ' ' || c == '\t'; };
  if (text.empty() || is_space(text.front()) || is_space(text.back())) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f) || c == '\t';
  });
}

NamedText field_of(const TargetAuth& auth, std::string_view value) {
  if (auth.kind == AuthKind::kHeader) return {auth.name, std::string(value)};
  if (auth.kind == AuthKind::kBearer) return {"Authorization", "Bearer " + std::string(value)};
  std::string pair = auth.name + ":";
  pair.append(value);
  NamedText field{"Authorization", "Basic "};
  append_base64(field.second, pair);
  wipe(pair);
  return field;
}

// With the value before as long as it is of use. null: it is nothing to sign with.
Signer* signer_of(Entry& entry, Instant now) {
  const bool overlaps = !entry.previous.empty() && now < entry.previous_until;
  if (entry.signer && entry.signs_with_previous == overlaps) return entry.signer.get();
  auto secrets = read_signing_secrets(entry.value.view(), entry.name);
  if (!secrets) return nullptr;
  if (overlaps) {
    auto before = read_signing_secrets(entry.previous.view(), entry.name);
    if (before) std::move(before->begin(), before->end(), std::back_inserter(*secrets));
  }
  auto signer = Signer::create(*secrets);
  for (SigningSecret& secret : *secrets) wipe(secret.key);
  if (!signer) return nullptr;
  entry.signer = std::move(*signer);
  entry.signs_with_previous = overlaps;
  return entry.signer.get();
}

tl::expected<const TlsClientCertificate*, NoProof> certificate_of(Entry& entry) {
  if (!entry.certificate) {
    auto read = TlsClientCertificate::parse(entry.value.view());
    if (!read) {
      return no_proof(AttemptResult::kSecretUnusable, entry.name, read.error().detail);
    }
    entry.certificate = *std::move(read);
  }
  return &*entry.certificate;
}

}  // namespace

SecretTable SecretTable::open(const std::vector<StoredSecret>& secrets, const Sealer& sealer) {
  SecretTable table;
  for (const StoredSecret& secret : secrets) {
    Entry entry{secret.name, secret.value.version, secret.hosts, {}, {}, secret.previous_until};
    auto value = sealer.open(secret.place(), secret.value.bytes);
    HW_CHECK(value.has_value(), "SB1 what is in the book opens");
    entry.value = std::move(*value);
    if (!secret.previous.bytes.empty()) {
      auto before = sealer.open({secret.name, secret.previous.version}, secret.previous.bytes);
      HW_CHECK(before.has_value(), "SB1 what is in the book opens");
      entry.previous = std::move(*before);
    }
    table.entries_.push_back(std::move(entry));
  }
  return table;
}

Entry* SecretTable::find(std::string_view name) {
  const auto found =
      std::lower_bound(entries_.begin(), entries_.end(), name,
                       [](const Entry& entry, std::string_view one) { return entry.name < one; });
  return found != entries_.end() && found->name == name ? &*found : nullptr;
}

tl::expected<TargetProof, NoProof> prove(const Target& target, std::string_view host,
                                         SecretTable& secrets, Instant now) {
  TargetProof proof;
  if (target.auth.kind != AuthKind::kNone) {
    auto found = secret_for(target.auth.secret, host, secrets);
    if (!found) return tl::unexpected<NoProof>(std::move(found.error()));
    const std::string_view value = (*found)->value.view();
    if (!fits_field(value)) {
      return no_proof(AttemptResult::kSecretUnusable, target.auth.secret,
                      "has characters that no header field can have");
    }
    proof.field = field_of(target.auth, value);
  }
  if (!target.signing_secret.empty()) {
    auto found = secret_for(target.signing_secret, host, secrets);
    if (!found) return tl::unexpected<NoProof>(std::move(found.error()));
    proof.signer = signer_of(**found, now);
    if (proof.signer == nullptr) {
      return no_proof(AttemptResult::kSecretUnusable, target.signing_secret,
                      "is nothing to sign with: not a line whsec_ and base64");
    }
  }
  if (!target.tls.client_certificate.empty()) {
    auto found = secret_for(target.tls.client_certificate, host, secrets);
    if (!found) return tl::unexpected<NoProof>(std::move(found.error()));
    auto certificate = certificate_of(**found);
    if (!certificate) return tl::unexpected<NoProof>(std::move(certificate.error()));
    proof.certificate = *certificate;
    proof.certificate_version = (*found)->version;
  }
  return proof;
}

}  // namespace hourwheel
