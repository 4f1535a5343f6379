#include "tools/hourwheel/watch.h"

#include <algorithm>
#include <cstdio>

#include "tools/hourwheel/answer_text.h"

namespace hourwheel {
namespace {

// A frame goes out whole, or the eye sees it being drawn.
constexpr size_t kFrameBytes = 1 << 18;

void clear_screen() {
  std::fputs("\033[H\033[J", stdout);
}

}  // namespace

Duration FollowedChanges::rest(Monotonic now) const {  // WA1
  return std::max(kShortestRest, now - frame_began_);
}

bool FollowedChanges::wait() {
  const Monotonic drawn = terminal_.steady();
  const bool goes_on = terminal_.wait(rest(drawn)) && wait_until(drawn + interval_);
  frame_began_ = terminal_.steady();
  return goes_on;
}

// What came during the rest is found at the first look, also when the interval is over.
bool FollowedChanges::wait_until(Monotonic end) {  // WA2
  const auto left = [&] { return std::max(end - terminal_.steady(), Duration{}); };
  return feed_.wait(left()) != FeedState::kAbsent || terminal_.wait(left());
}

int watch(const std::function<int()>& draw, FollowedChanges& changes, const Terminal& terminal) {
  const bool redraws = terminal.facts().can_redraw;
  if (redraws) std::setvbuf(stdout, nullptr, _IOFBF, kFrameBytes);
  bool first = true;
  do {
    if (redraws) clear_screen();
    const int code = draw();
    std::fflush(stdout);
    const bool goes_on = code == kOk || (code == kUnreachable && !first);
    if (!goes_on) return code;
    first = false;
  } while (changes.wait());
  return kOk;
}

}  // namespace hourwheel
