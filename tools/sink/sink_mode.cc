#include <array>
#include <charconv>

#include "tools/sink/sink_options.h"

namespace hourwheel {
namespace {

constexpr std::string_view kFlakyPrefix = "flaky:";

struct NamedMode {
  std::string_view name;
  SinkMode mode;
};
constexpr std::array<NamedMode, 7> kModes{{{"ok", SinkMode::kOk},
                                           {"slow", SinkMode::kSlow},
                                           {"hang", SinkMode::kHang},
                                           {"reset", SinkMode::kReset},
                                           {"reset_after", SinkMode::kResetAfter},
                                           {"garbage", SinkMode::kGarbage},
                                           {"dead", SinkMode::kDead}}};

Status apply_flaky(std::string_view percent, SinkBehaviour& behaviour) {
  unsigned number = 0;
  const char* end = percent.data() + percent.size();
  auto [rest, error] = std::from_chars(percent.data(), end, number);
  if (error != std::errc() || rest != end || number > 100) {
    return failure(ErrorCode::kValidationFailed, "mode", "flaky wants a percentage: flaky:0-100");
  }
  behaviour.mode = SinkMode::kFlaky;
  behaviour.flaky_percent = number;
  return {};
}

}  // namespace

Status apply_mode(std::string_view text, SinkBehaviour& behaviour) {
  if (text.starts_with(kFlakyPrefix)) {
    return apply_flaky(text.substr(kFlakyPrefix.size()), behaviour);
  }
  for (const NamedMode& known : kModes) {
    if (known.name == text) {
      behaviour.mode = known.mode;
      if (known.mode == SinkMode::kSlow && behaviour.delay == Duration{}) {
        behaviour.delay = seconds(1);
      }
      return {};
    }
  }
  return failure(ErrorCode::kValidationFailed, "mode",
                 "unknown mode '" + std::string(text) +
                     "': ok, slow, hang, reset, reset_after, garbage, dead, flaky:PERCENT");
}

}  // namespace hourwheel
