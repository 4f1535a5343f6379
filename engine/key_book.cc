#include "engine/key_book.h"

#include <algorithm>
#include <string>
#include <utility>

#include "engine/base/check.h"
#include "engine/limits.h"

namespace hourwheel {
namespace {

AuditEntry entry_of(const ApiKey& key, AuditAction action, const Actor& actor, Instant now) {
  AuditEntry entry;
  entry.at = now;
  entry.actor = actor;
  entry.action = action;
  entry.subject = key.id;
  entry.note = key.name;
  return entry;
}

}  // namespace

KeyBook::KeyBook(KeyFile& file, std::vector<ApiKey> stored, TaskQuotas* quotas)
    : file_(file), quotas_(quotas), keys_(std::move(stored)) {
  std::sort(keys_.begin(), keys_.end(),
            [](const ApiKey& a, const ApiKey& b) { return a.id < b.id; });
  HW_CHECK(keys_.size() <= kMaxApiKeys, "KB2 what is stored was let in");
  for (size_t i = 0; i < keys_.size(); ++i) keys_[i].place = static_cast<uint16_t>(i);
  for (const ApiKey& key : keys_) HW_CHECK(begin_count(key), "KB4 what is stored was let in");
}

// KB4. False: its count could not be told from that of another key.
bool KeyBook::begin_count(const ApiKey& key) {
  return !key.max_tasks || quotas_ == nullptr || quotas_->open(key.id);
}

void KeyBook::end_count(const ApiKey& key) {
  if (key.max_tasks && quotas_ != nullptr) quotas_->close(key.id);
}

uint16_t KeyBook::free_place() const {
  std::vector<bool> taken(kMaxApiKeys);
  for (const ApiKey& key : keys_) taken[key.place] = true;
  const auto free = std::find(taken.begin(), taken.end(), false);
  HW_CHECK(free != taken.end(), "KB2 there are as many places as keys");
  return static_cast<uint16_t>(free - taken.begin());
}

std::vector<ApiKey>::iterator KeyBook::place_of(std::string_view id) {
  return std::lower_bound(keys_.begin(), keys_.end(), id,
                          [](const ApiKey& key, std::string_view one) { return key.id < one; });
}

Result<KeysChanged> KeyBook::carry_out(KeyRequest& request, Instant now) {
  switch (request.action) {
    case KeyAction::kAdd:
      return add(std::move(request.key), request.actor, now);
    case KeyAction::kRevoke:
      return revoke(request.key.id, request.actor, now);
    case KeyAction::kNoteUse:
      return note_use(request.key);
  }
  HW_CHECK(false, "every action has its case");
}

Result<KeysChanged> KeyBook::add(ApiKey key, const Actor& actor, Instant now) {
  auto place = place_of(key.id);
  if (is_at(place, key.id)) {
    return failure(ErrorCode::kAlreadyExists, "", "there is a key with this id");
  }
  if (keys_.size() >= kMaxApiKeys) {
    return failure(ErrorCode::kStateConflict, "",
                   "there are " + std::to_string(keys_.size()) + " keys already; revoke one first");
  }
  if (!begin_count(key)) {
    return failure(ErrorCode::kAlreadyExists, "", "there is a key with an id like this");
  }
  key.place = free_place();
  const AuditEntry told = entry_of(key, AuditAction::kCreateKey, actor, now);
  if (auto kept = file_.put(key, &told); !kept) {
    end_count(key);
    return failure(std::move(kept.error()));
  }
  changed_ = true;
  keys_.insert(place, key);
  return KeysChanged{{std::move(key)}};
}

Result<KeysChanged> KeyBook::revoke(std::string_view id, const Actor& actor, Instant now) {
  auto place = place_of(id);
  if (!is_at(place, id)) return failure(ErrorCode::kNotFound, "", "no key has this id");
  const AuditEntry told = entry_of(*place, AuditAction::kRevokeKey, actor, now);
  if (auto removed = file_.remove_key(place->id, told); !removed) {
    return failure(std::move(removed.error()));
  }
  end_count(*place);
  KeysChanged changed{{std::move(*place)}};
  changed_ = true;
  keys_.erase(place);
  return changed;
}

// Several reactors may have seen it used.
Result<KeysChanged> KeyBook::note_use(const ApiKey& used) {
  auto place = place_of(used.id);
  if (!is_at(place, used.id)) return failure(ErrorCode::kNotFound, "", "no key has this id");
  if (place->last_used && *place->last_used >= *used.last_used) return KeysChanged{};
  ApiKey noted = *place;
  noted.last_used = used.last_used;
  if (auto kept = file_.put(noted, nullptr); !kept) return failure(std::move(kept.error()));
  changed_ = true;
  *place = noted;
  return KeysChanged{{std::move(noted)}};
}

}  // namespace hourwheel
