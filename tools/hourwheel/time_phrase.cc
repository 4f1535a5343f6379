#include "tools/hourwheel/time_phrase.h"

#include <algorithm>
#include <array>
#include <ctime>

#include "engine/schedule/time_text.h"

namespace hourwheel {
namespace {

constexpr int64_t kSecond = 1000;
constexpr int64_t kMinute = 60 * kSecond;
constexpr int64_t kHour = 60 * kMinute;
constexpr int64_t kDay = 24 * kHour;
constexpr int64_t kYear = 365 * kDay;

std::tm local_clock(Instant t) {
  const std::time_t second = t.ms / kSecond;
  std::tm clock{};
  localtime_r(&second, &clock);
  return clock;
}

// No more of the date than is needed to tell it from now.
const char* pattern_for(const std::tm& then, const std::tm& now, Duration distance) {
  if (then.tm_year != now.tm_year) return "%Y-%m-%d %H:%M %Z";
  if (then.tm_yday != now.tm_yday) return "%a %d %b %H:%M %Z";
  return distance.ms < kMinute ? "%H:%M:%S %Z" : "%H:%M %Z";
}

}  // namespace

std::string rough_length(Duration d) {
  constexpr struct {
    int64_t ms;
    char sign;
  } kUnits[] = {{kYear, 'y'}, {kDay, 'd'}, {kHour, 'h'}, {kMinute, 'm'}, {kSecond, 's'}};
  for (const auto& unit : kUnits) {
    if (d.ms >= unit.ms) return std::to_string(d.ms / unit.ms) + unit.sign;
  }
  return "0s";
}

std::string time_phrase(Instant t, Instant now) {
  const Duration distance = std::max(t - now, now - t);
  if (distance.ms < kSecond) return "now";
  if (t < now) return rough_length(distance) + " ago";
  const std::tm then = local_clock(t);
  std::array<char, 64> clock{};
  // Constant formats: the compiler looks at none of them, and each fits.
  const char* pattern = pattern_for(then, local_clock(now), distance);
  const size_t size = std::strftime(clock.data(), clock.size(), pattern, &then);
  return "in " + rough_length(distance) + " (" + std::string(clock.data(), size) + ")";
}

Result<std::string> settled_instant(std::string_view text, Instant now) {
  const bool named = text.starts_with("now");
  std::string_view rest = named ? text.substr(3) : text;
  if (named && rest.empty()) return to_text(now);
  if (!rest.starts_with('+') && !rest.starts_with('-')) return std::string(text);
  auto distance = parse_duration(rest.substr(1));
  if (!distance) {
    return failure(ErrorCode::kValidationFailed, "",
                   "'" + std::string(text) +
                       "' is no instant: write 2030-01-01T00:00:00Z, +10m, now-1d or now");
  }
  const Instant t = rest.front() == '+' ? now + *distance : now - *distance;
  if (t < kFirstInstant || t > kLastInstant) {
    return failure(ErrorCode::kValidationFailed, "",
                   "'" + std::string(text) + "' lies outside the years 1970 to 9999");
  }
  return to_text(t);
}

}  // namespace hourwheel
