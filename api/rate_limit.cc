#include "api/rate_limit.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "engine/base/check.h"

namespace hourwheel {
namespace {

int64_t round_up(int64_t us, int64_t unit) {
  return us <= 0 ? 0 : (us - 1) / unit + 1;
}
Duration up_to_ms(int64_t us) {
  return Duration{round_up(us, 1000)};
}
int64_t up_to_s(Duration length) {
  return round_up(length.ms, 1000);
}

// How long so many take to come back, in microseconds.
int64_t time_of(uint64_t operations, const RateLimit& limit) {
  return round_up(static_cast<int64_t>(operations) * limit.per.ms * 1000, limit.count);
}

// When so many are there of a quota that is full `full` from now; both in microseconds.
int64_t until(uint64_t operations, const RateLimit& limit, int64_t full) {
  const int64_t window = limit.per.ms * 1000;
  const uint64_t wanted = std::min<uint64_t>(operations, limit.count);
  return full + time_of(wanted, limit) - window;
}

std::string* find_retry_after(HttpResponse& response) {
  for (auto& [name, value] : response.fields) {
    if (name == "retry-after") return &value;
  }
  return nullptr;
}

int64_t seconds_in(const std::string& text) {
  int64_t seconds = 0;
  std::from_chars(text.data(), text.data() + text.size(), seconds);
  return seconds;
}

}  // namespace

RateLimits::Taken RateLimits::take(uint16_t place, const RateLimit& limit, Monotonic now,
                                   uint64_t operations) {
  HW_CHECK(limit.count > 0 && limit.per.ms > 0, "a limit allows something");
  const int64_t window = limit.per.ms * 1000;
  const int64_t now_us = now.ms * 1000;
  std::atomic<int64_t>& full_at = full_at_us_[place];
  int64_t seen = full_at.load(std::memory_order_relaxed);
  while (true) {
    const bool is_others = seen > now_us + window;  // RL2
    const int64_t full = is_others ? now_us : std::max(seen, now_us);
    const uint64_t used = static_cast<uint64_t>(full - now_us) * limit.count;
    const auto whole = static_cast<uint64_t>(window);
    Taken taken;
    taken.left = (whole * limit.count - used) / whole;
    if (operations > limit.count || operations > taken.left) {
      taken.wait = up_to_ms(until(operations, limit, full - now_us));
      return taken;
    }
    const int64_t next = full + time_of(operations, limit);
    if (!full_at.compare_exchange_weak(seen, next, std::memory_order_relaxed)) continue;
    taken.allowed = true;
    taken.left -= operations;
    taken.wait = up_to_ms(until(taken.left + 1, limit, next - now_us));
    return taken;
  }
}

void RateLimits::give_back(uint16_t place, const RateLimit& limit, uint64_t operations) {
  full_at_us_[place].fetch_sub(time_of(operations, limit), std::memory_order_relaxed);
}

void add_rate_limit_fields(const RateLimit& limit, const RateLimits::Taken& taken,
                           HttpResponse& response) {
  std::string left = "\"key\";r=" + std::to_string(taken.left);
  const std::string wait_s = std::to_string(up_to_s(taken.wait));
  std::string* retry = find_retry_after(response);
  const bool too_early = retry != nullptr && seconds_in(*retry) < up_to_s(taken.wait);
  if (too_early && taken.left == 0) *retry = wait_s;  // RL3
  if (!too_early || taken.left == 0) left += ";t=" + wait_s;
  response.fields.emplace_back("ratelimit-policy", "\"key\";q=" + std::to_string(limit.count) +
                                                       ";w=" + std::to_string(up_to_s(limit.per)));
  response.fields.emplace_back("ratelimit", std::move(left));
}

}  // namespace hourwheel
