// How many operations a key may ask for (ApiKey::rate_limit): a request is one, a batch and an
// import as many as they have entries. A full quota may be used at once; what is used comes back
// evenly. The algorithm is GCRA (ITU-T I.371), one instant a key: when all of its quota will be
// there again.
//
//   RL1  In any time t a key gets at most its quota and the part of it that comes back in t, over
//        all reactors and in one life of the server.
//   RL2  A key's instant is never more than one window ahead: what is further is of a key that had
//        the place before.
// Cost: one compare-and-swap. Thread: any; it is what the reactors share beside metrics, because a
// key's connections may be anywhere.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "engine/api_key.h"
#include "engine/limits.h"
#include "net/http.h"

namespace hourwheel {

class RateLimits {
 public:
  struct Taken {
    bool allowed = false;
    uint64_t left = 0;  // of the quota, now
    Duration wait;      // until one more is there; refused: until there is enough
  };
  // All of `operations` or none. More than the quota are never allowed.
  // Requires: the limit's count and length are not zero; place < kMaxApiKeys.
  Taken take(uint16_t place, const RateLimit& limit, Monotonic now, uint64_t operations);
  // What one call of take() took, for something that was refused after all or is taken anew: the
  // time of it is rounded up, so that several calls take a little more than one for all of it.
  void give_back(uint16_t place, const RateLimit& limit, uint64_t operations);
  // Another key begins at this place.
  void forget(uint16_t place) { full_at_us_[place].store(0, std::memory_order_relaxed); }

 private:
  std::array<std::atomic<int64_t>, kMaxApiKeys> full_at_us_{};
};

// RateLimit-Policy and RateLimit (draft-ietf-httpapi-ratelimit-headers). `t` is when something
// comes back and not when all of it is there: a client that waits for more than it needs wastes its
// quota.
//   RL3  A Retry-After of the response is not earlier than `t`. Where it is for another reason, and
//        some of the quota is left, nothing has to come back first: then `t` is not told.
void add_rate_limit_fields(const RateLimit& limit, const RateLimits::Taken& taken,
                           HttpResponse& response);

}  // namespace hourwheel
