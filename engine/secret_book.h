// The stored secrets of a server: keeps, replaces and deletes them, and writes each change before
// anybody is told. Values are sealed here, before they are written or told to anybody.
//
//   SB1  What is in the book is in the file, and opens.
//   SB2  At most kMaxSecrets; a further one is refused.
//   SB3  Versions ascend over all secrets and are never used again (C-3): no two values are sealed
//        for one place (SE2).
//   SB4  A repeat of what is so changes nothing (C-2): above all it does not push out the value
//        before.
// Cost: a flush for each change. Thread: the system desk's.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "engine/message.h"
#include "engine/ports.h"

namespace hourwheel {

// What is remembered of the secrets of former lives.
struct StoredSecrets {
  std::vector<StoredSecret> secrets;
  Version last;  // given out
};

class SecretBook {
 public:
  SecretBook(SecretFile& file, const Sealer& sealer, StoredSecrets stored);

  // By name.
  [[nodiscard]] const std::vector<StoredSecret>& secrets() const { return secrets_; }

  // Before anything else: that all of them open, and those not sealed with the sealer's first key
  // are sealed with it. What the sealer or the file says, with the secret's name.
  Status renew(Instant now);

  // Whether anything was changed since it was last asked.
  [[nodiscard]] bool take_changed() { return std::exchange(changed_, false); }

  // kNotFound, kVersionMismatch, kStateConflict, or what the sealer or the file says.
  Result<SecretChanged> carry_out(SecretRequest& request, Instant now);

 private:
  using Place = std::vector<StoredSecret>::iterator;
  Result<SecretChanged> put(SecretRequest& request, Instant now);
  Result<SecretChanged> make(Place place, SecretRequest& request, Instant now);
  Status write(StoredSecret& next, SecretRequest& request, AuditAction action, Instant now);
  Result<SecretChanged> remove(const SecretRequest& request, Instant now);
  Result<bool> is_so(const StoredSecret& secret, const SecretText& value) const;
  Status renew(std::string_view name, SealedValue& value, bool& renewed);
  Place place_of(std::string_view name);
  [[nodiscard]] StoredSecret* found_at(Place place, std::string_view name) {
    return place != secrets_.end() && place->name == name ? &*place : nullptr;
  }

  SecretFile& file_;
  const Sealer& sealer_;
  std::vector<StoredSecret> secrets_;
  Version last_;
  bool changed_ = false;
};

}  // namespace hourwheel
