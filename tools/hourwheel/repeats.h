// When a request is sent again by itself, after a failure that may be over in a moment.
//
//   R1  Only what cannot double by it: a GET, and what carries an Idempotency-Key, by which the
//       server knows it again. The key is drawn once for all tries.
//   R2  Only when the connection was refused or ended before the answer did, or the answer is "not
//       now": 429, 503, or 409 while the try before is still being answered.
//   R3  At most so many times as the patience says (of a lost connection: three), each time after
//       about twice as long, with chance in it; not before the server wants it, within the
//       patience.
// Thread: any; waits in nothing.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/base/random.h"
#include "engine/base/time.h"

namespace hourwheel {

struct Patience {
  int repeats = 3;
  Duration longest = seconds(10);  // that a server is waited for when it asks for it
};

// What came of a try.
struct TryOutcome {
  bool lost = false;  // the connection, before there was an answer
  long status = 0;
  long retry_after_s = 0;  // 0: the server said nothing of the kind
};

class Repeats {
 public:
  Repeats(const Patience& patience, uint64_t seed) : patience_(patience), random_(seed) {}

  // How long to wait before the next try; nullopt: there is none (R2, R3).
  std::optional<Duration> after(const TryOutcome& outcome);
  // Those that were granted.
  [[nodiscard]] int count() const { return count_; }

 private:
  Patience patience_;
  Random random_;
  int count_ = 0;
};

// R1: whether this server's routes say so. The path may have a query.
bool takes_request_key(std::string_view method, std::string_view path);

}  // namespace hourwheel
