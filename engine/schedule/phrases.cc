#include "engine/schedule/phrases.h"

#include <iterator>

namespace hourwheel {

std::string join(const Phrases& phrases, std::string_view last) {
  std::string out;
  for (size_t i = 0; i < phrases.size(); ++i) {
    if (i > 0) out += i + 1 == phrases.size() ? last : ", ";
    out += phrases[i];
  }
  return out;
}

std::string counted(int64_t n, std::string_view unit) {
  return std::to_string(n).append(" ").append(unit).append(n == 1 ? "" : "s");
}

std::string ordinal(int64_t n) {
  constexpr std::string_view kEndings[] = {"th", "st", "nd", "rd"};
  int64_t last = n / 10 % 10 == 1 ? 0 : n % 10;
  return std::to_string(n).append(kEndings[last < 4 ? last : 0]);
}

std::string spelled_ordinal(int n) {
  constexpr std::string_view kSpelled[] = {"first", "second", "third", "fourth", "fifth"};
  bool spelled = n >= 1 && n <= static_cast<int>(std::size(kSpelled));
  return spelled ? std::string(kSpelled[n - 1]) : ordinal(n);
}

std::string two_digits(int n) {
  return (n < 10 ? "0" : "") + std::to_string(n);
}

std::string_view month_name(int month) {
  constexpr std::string_view kNames[] = {"January",   "February", "March",    "April",
                                         "May",       "June",     "July",     "August",
                                         "September", "October",  "November", "December"};
  return kNames[(month + 11) % 12];
}

std::string_view weekday_name(int weekday) {
  constexpr std::string_view kNames[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                         "Thursday", "Friday", "Saturday"};
  return kNames[weekday % 7];
}

}  // namespace hourwheel
