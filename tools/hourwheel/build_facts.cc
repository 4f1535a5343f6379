#include "tools/hourwheel/build_facts.h"

#include <algorithm>

#include "engine/schedule/time_zone.h"
#include "tools/hourwheel/read_whole.h"

#ifndef HW_COMMIT
#define HW_COMMIT "unknown"
#endif

namespace hourwheel {
namespace {

constexpr std::string_view kUnknown = "unknown";

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

}  // namespace

std::string_view built_commit() {
  return HW_COMMIT;
}

std::string installed_tzdata() {
  auto line = read_key(std::string(kZoneFolder).append("tzdata.zi"));
  return line ? tzdata_release(*line) : std::string(kUnknown);
}

std::string tzdata_release(std::string_view first_line) {
  constexpr std::string_view kBefore = "# version ";
  constexpr size_t kLongest = 16;
  if (!first_line.starts_with(kBefore)) return std::string(kUnknown);
  const std::string_view release = first_line.substr(kBefore.size());
  const bool good = !release.empty() && release.size() <= kLongest &&
                    std::all_of(release.begin(), release.end(), is_letter_or_digit);
  return std::string(good ? release : kUnknown);
}

}  // namespace hourwheel
