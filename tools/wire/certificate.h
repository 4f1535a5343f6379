// Certificates made on the spot, for receivers of webhooks that speak TLS: with P-256 keys, signed
// by another one or by themselves. None is ever read from a file, so none ever expires by surprise.
//
// Cost: 0.2 ms each. Thread: pure functions, but for the random numbers.
#pragma once

#include <string>
#include <vector>

#include "engine/base/time.h"

namespace hourwheel {

struct Certificate {
  std::string pem;
  std::string key_pem;
  std::string pin;  // "sha256/<base64>" of its public key
};

struct CertificatePlan {
  std::vector<std::string> hosts;  // names and IP addresses it is for; none: it only signs others
  Instant from;
  Instant to;
  std::string name{};  // empty: the first host
};

// Signed by issuer; null: by itself.
Certificate make_certificate(const CertificatePlan& plan, const Certificate* issuer = nullptr);

}  // namespace hourwheel
