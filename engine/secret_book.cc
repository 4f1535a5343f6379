#include "engine/secret_book.h"

#include <algorithm>
#include <string>

#include "engine/base/check.h"
#include "engine/limits.h"

namespace hourwheel {
namespace {

AuditEntry entry_of(const StoredSecret& secret, AuditAction action, const Actor& actor,
                    Instant now) {
  AuditEntry entry;
  entry.at = now;
  entry.actor = actor;
  entry.action = action;
  entry.subject = secret.name;
  entry.version = secret.value.version;
  for (const std::string& host : secret.hosts) {
    if (!entry.note.empty()) entry.note += ", ";
    entry.note += host;
  }
  return entry;
}

// What the request demands of the secret as it stands; null: there is none.
Status check_demands(const SecretRequest& request, const StoredSecret* found) {
  auto refused = [](std::string why) {
    return Status(failure(ErrorCode::kVersionMismatch, "", std::move(why)));
  };
  if (request.existence == Existence::kMustNotExist && found != nullptr) {
    return refused("the secret exists");
  }
  const bool demanded = request.existence == Existence::kMustExist || request.if_match;
  if (demanded && found == nullptr) return refused("the secret does not exist");
  if (request.if_match && *request.if_match != found->value.version) {
    return refused("the secret is at version " + std::to_string(found->value.version.value) +
                   ", not at the one asked for");
  }
  return {};
}

Error about(std::string_view name, Error error) {
  error.detail = "secret " + std::string(name) + ": " + error.detail;
  return error;
}

}  // namespace

SecretBook::SecretBook(SecretFile& file, const Sealer& sealer, StoredSecrets stored)
    : file_(file), sealer_(sealer), secrets_(std::move(stored.secrets)), last_(stored.last) {
  std::sort(secrets_.begin(), secrets_.end(),
            [](const StoredSecret& a, const StoredSecret& b) { return a.name < b.name; });
}

SecretBook::Place SecretBook::place_of(std::string_view name) {
  return std::lower_bound(
      secrets_.begin(), secrets_.end(), name,
      [](const StoredSecret& secret, std::string_view one) { return secret.name < one; });
}

Status SecretBook::renew(std::string_view name, SealedValue& value, bool& renewed) {
  if (value.bytes.empty()) return {};
  const SecretPlace place{name, value.version};
  auto opened = sealer_.open(place, value.bytes);
  if (!opened) return failure(about(name, std::move(opened.error())));
  if (sealer_.is_newest(value.bytes)) return {};
  auto sealed = sealer_.seal(place, *opened);
  if (!sealed) return failure(about(name, std::move(sealed.error())));
  value.bytes = std::move(*sealed);
  renewed = true;
  return {};
}

// Nothing is written before all are known to open.
Status SecretBook::renew(Instant now) {
  std::vector<StoredSecret> renewed;
  for (StoredSecret& secret : secrets_) {
    bool changed = false;
    if (!secret.previous.bytes.empty() && !secret.overlaps(now)) {
      secret.previous = {};
      changed = true;
    }
    for (SealedValue* value : {&secret.value, &secret.previous}) {
      if (Status done = renew(secret.name, *value, changed); !done) return done;
    }
    if (changed) renewed.push_back(secret);
  }
  for (const StoredSecret& secret : renewed) {
    if (Status kept = file_.put(secret, nullptr); !kept) return kept;
  }
  return {};
}

Result<SecretChanged> SecretBook::carry_out(SecretRequest& request, Instant now) {
  switch (request.action) {
    case SecretAction::kPut:
      return put(request, now);
    case SecretAction::kDelete:
      return remove(request, now);
  }
  HW_CHECK(false, "every action has its case");
}

Result<bool> SecretBook::is_so(const StoredSecret& secret, const SecretText& value) const {
  auto opened = sealer_.open(secret.place(), secret.value.bytes);
  if (!opened) return failure(about(secret.name, std::move(opened.error())));
  return same_text(*opened, value);
}

Result<SecretChanged> SecretBook::put(SecretRequest& request, Instant now) {
  const Place place = place_of(request.name);
  StoredSecret* found = found_at(place, request.name);
  if (Status good = check_demands(request, found); !good) return failure(std::move(good.error()));
  if (found == nullptr) return make(place, request, now);
  auto so = is_so(*found, request.value);
  if (!so) return failure(std::move(so.error()));
  const bool same_hosts = !request.hosts || *request.hosts == found->hosts;
  if (*so && same_hosts) return SecretChanged{*found, false};  // SB4
  StoredSecret next = *found;
  if (!*so) {
    const bool keeps = request.keep_previous > Duration{};
    next.previous = keeps ? found->value : SealedValue{};
    next.previous_until = keeps ? now + request.keep_previous : Instant{};
  }
  if (Status kept = write(next, request, AuditAction::kReplaceSecret, now); !kept) {
    return failure(std::move(kept.error()));
  }
  *found = next;
  return SecretChanged{std::move(next), false};
}

Result<SecretChanged> SecretBook::make(Place place, SecretRequest& request, Instant now) {
  if (secrets_.size() >= kMaxSecrets) {
    return failure(
        ErrorCode::kStateConflict, "",
        "there are " + std::to_string(secrets_.size()) + " secrets already; delete one first");
  }
  StoredSecret next;
  next.name = request.name;
  next.created = now;
  next.created_by = request.actor.key;
  if (Status kept = write(next, request, AuditAction::kCreateSecret, now); !kept) {
    return failure(std::move(kept.error()));
  }
  secrets_.insert(place, next);
  return SecretChanged{std::move(next), true};
}

// Seals the value that was asked for and writes the secret with it.
Status SecretBook::write(StoredSecret& next, SecretRequest& request, AuditAction action,
                         Instant now) {
  const Version version{last_.value + 1};  // SB3
  auto sealed = sealer_.seal({next.name, version}, request.value);
  if (!sealed) return failure(about(next.name, std::move(sealed.error())));
  next.value = {version, std::move(*sealed)};
  if (request.hosts) next.hosts = std::move(*request.hosts);
  next.updated = now;
  const AuditEntry told = entry_of(next, action, request.actor, now);
  if (Status kept = file_.put(next, &told); !kept) return kept;
  changed_ = true;
  last_ = version;
  return {};
}

Result<SecretChanged> SecretBook::remove(const SecretRequest& request, Instant now) {
  const Place place = place_of(request.name);
  const StoredSecret* found = found_at(place, request.name);
  if (Status good = check_demands(request, found); !good) return failure(std::move(good.error()));
  if (found == nullptr) return failure(ErrorCode::kNotFound, "", "no secret has this name");
  const AuditEntry told = entry_of(*found, AuditAction::kDeleteSecret, request.actor, now);
  if (Status gone = file_.remove_secret(found->name, told); !gone) {
    return failure(std::move(gone.error()));
  }
  SecretChanged changed{std::move(*place), false};
  changed_ = true;
  secrets_.erase(place);
  return changed;
}

}  // namespace hourwheel
