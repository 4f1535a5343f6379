#include "tools/hourwheel/watch.h"

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

int watch(const std::function<int()>& draw, ChangeSource& changes, const Terminal& terminal) {
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
