// The keys of a server: makes and revokes them, and writes each change before anybody is told.
//
//   KB1  What is in the book is in the file.
//   KB2  At most kMaxApiKeys; a further one is refused. An expired one stays until it is revoked,
//        so that whoever wonders finds it.
//   KB3  No two keys of the book have one place.
//   KB4  The keys with a quota, and no others, are counted in the table of quotas: from before
//        anybody is told of one until it is revoked.
// Cost: a flush for each change. Thread: the system desk's.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "engine/message.h"
#include "engine/ports.h"
#include "engine/task_quotas.h"

namespace hourwheel {

class KeyBook {
 public:
  // quotas: null where no shard runs.
  KeyBook(KeyFile& file, std::vector<ApiKey> stored, TaskQuotas* quotas = nullptr);

  // By id.
  [[nodiscard]] const std::vector<ApiKey>& keys() const { return keys_; }

  // Whether anything was changed since it was last asked.
  [[nodiscard]] bool take_changed() { return std::exchange(changed_, false); }

  // kAlreadyExists, kNotFound, kStateConflict, or what the file says.
  Result<KeysChanged> carry_out(KeyRequest& request, Instant now);

 private:
  Result<KeysChanged> add(ApiKey key, const Actor& actor, Instant now);
  Result<KeysChanged> revoke(std::string_view id, const Actor& actor, Instant now);
  Result<KeysChanged> note_use(const ApiKey& used);
  [[nodiscard]] uint16_t free_place() const;
  std::vector<ApiKey>::iterator place_of(std::string_view id);
  [[nodiscard]] bool is_at(std::vector<ApiKey>::const_iterator place, std::string_view id) const {
    return place != keys_.end() && place->id == id;
  }

  [[nodiscard]] bool begin_count(const ApiKey& key);
  void end_count(const ApiKey& key);

  KeyFile& file_;
  TaskQuotas* quotas_;
  std::vector<ApiKey> keys_;
  bool changed_ = false;
};

}  // namespace hourwheel
