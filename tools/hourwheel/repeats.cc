#include "tools/hourwheel/repeats.h"

#include <algorithm>

#include "api/routes.h"

namespace hourwheel {
namespace {

constexpr Duration kFirstWait = milliseconds(100);
constexpr int kMostDoublings = 6;
constexpr int kMostWhenLost = 3;

bool is_for_now(const TryOutcome& outcome) {
  constexpr long kConflict = 409;
  constexpr long kTooMany = 429;
  constexpr long kUnavailable = 503;
  // Of the conflicts only the one that ends by itself comes with a time.
  const bool in_progress = outcome.status == kConflict && outcome.retry_after_s > 0;
  return outcome.lost || in_progress || outcome.status == kTooMany ||
         outcome.status == kUnavailable;
}

}  // namespace

std::optional<Duration> Repeats::after(const TryOutcome& outcome) {
  const int most = outcome.lost ? std::min(patience_.repeats, kMostWhenLost) : patience_.repeats;
  if (count_ >= most || !is_for_now(outcome)) return std::nullopt;
  const Duration least{kFirstWait.ms << std::min(count_, kMostDoublings)};
  const Duration chance{static_cast<int64_t>(random_.below(static_cast<uint64_t>(least.ms)))};
  const Duration asked =
      seconds(std::min<int64_t>(outcome.retry_after_s, patience_.longest.ms / 1000));
  ++count_;
  return std::max(least, asked) + chance;
}

bool takes_request_key(std::string_view method, std::string_view path) {
  const Route* route = find_route(method, path.substr(0, path.find('?'))).route;
  return route != nullptr && takes_key(*route);
}

}  // namespace hourwheel
