// The words that sentences about schedules are made of.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hourwheel {

using Phrases = std::vector<std::string>;

// Of a value that H stands for.
inline constexpr std::string_view kDrawn = " fixed by the task's id";

// "a", "a and b", "a, b and c".
std::string join(const Phrases& phrases, std::string_view last = " and ");
// "15 minutes", "1 minute".
std::string counted(int64_t n, std::string_view unit);
// "1st", "2nd", "11th".
std::string ordinal(int64_t n);
// The same in words up to the fifth: "first".
std::string spelled_ordinal(int n);
// "07".
std::string two_digits(int n);
// 1 is January.
std::string_view month_name(int month);
// 0 and 7 are Sunday.
std::string_view weekday_name(int weekday);

}  // namespace hourwheel
