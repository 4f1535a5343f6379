#include "tools/hourwheel/progress.h"

#include <algorithm>
#include <cstdio>

namespace hourwheel {
namespace {

constexpr Duration kPatience = seconds(1);
constexpr Duration kRedraw = milliseconds(100);
constexpr uint64_t kBarWidth = 30;

std::string bar_text(uint64_t done, uint64_t whole) {
  const double part = static_cast<double>(std::min(done, whole)) / static_cast<double>(whole);
  const auto filled = static_cast<size_t>(part * static_cast<double>(kBarWidth));
  const std::string percent = std::to_string(static_cast<int>(part * 100));
  return "[" + std::string(filled, '#') + std::string(kBarWidth - filled, '-') + "] " +
         std::string(3 - percent.size(), ' ') + percent + " %  ";
}

}  // namespace

std::string progress_text(const Transfer& transfer, const HowFar& far, Duration elapsed) {
  const std::string bar = transfer.bytes == 0 ? "" : bar_text(far.bytes, transfer.bytes);
  const auto time_ms = static_cast<double>(std::max<int64_t>(elapsed.ms, 1));
  const auto rate = static_cast<uint64_t>(static_cast<double>(far.count) * 1000 / time_ms);
  return bar + std::to_string(far.count) + " " + transfer.unit + "  " + std::to_string(rate) + "/s";
}

Progress::Progress(const Terminal& terminal, const Transfer& transfer)
    : terminal_(terminal),
      transfer_(transfer),
      shown_(terminal.facts().sees_errors && !transfer.quiet),
      started_(terminal.steady()),
      next_(started_ + kPatience) {}

void Progress::show(const HowFar& far) {
  if (!shown_) return;
  const Monotonic now = terminal_.steady();
  if (now < next_) return;
  next_ = now + kRedraw;
  drawn_ = true;
  std::fprintf(stderr, "\r%s\033[K", progress_text(transfer_, far, now - started_).c_str());
  std::fflush(stderr);
}

void Progress::clear() {
  if (drawn_) std::fputs("\r\033[K", stderr);
  drawn_ = false;
}

}  // namespace hourwheel
