#include "tools/hourwheel/event_stream.h"

#include <utility>

namespace hourwheel {

void EventStream::feed(std::string_view bytes, const Taker& take) {
  for (char c : bytes) {
    const bool skipped = c == '\n' && std::exchange(after_return_, false);
    if (skipped) continue;
    after_return_ = c == '\r';
    if (c == '\r' || c == '\n') {
      take_line(std::exchange(line_, {}), take);
    } else if (line_.size() < kMaxEventBytes) {
      line_.push_back(c);
    } else {
      too_long_ = true;  // EV2
    }
  }
}

void EventStream::reset() {
  line_.clear();
  after_return_ = false;
  event_ = {};
  has_data_ = too_long_ = false;
}

void EventStream::take_line(std::string_view line, const Taker& take) {
  if (!line.empty()) {
    const size_t colon = line.find(':');
    if (colon == 0) return;  // a comment
    std::string_view value;
    if (colon != std::string_view::npos) value = line.substr(colon + 1);
    if (value.starts_with(' ')) value.remove_prefix(1);
    return take_field(line.substr(0, colon), value);
  }
  ServerEvent event = std::exchange(event_, {});
  const bool whole = std::exchange(has_data_, false) && !std::exchange(too_long_, false);
  if (!whole) return;
  if (event.type.empty()) event.type = "message";
  take(event);
}

void EventStream::take_field(std::string_view name, std::string_view value) {
  if (name == "event") event_.type = value;
  if (name == "id" && value.find('\0') == std::string_view::npos) last_id_ = value;
  if (name != "data") return;
  if (event_.data.size() + value.size() > kMaxEventBytes) {
    too_long_ = true;  // EV2
    return;
  }
  if (has_data_) event_.data.push_back('\n');
  event_.data += value;
  has_data_ = true;
}

}  // namespace hourwheel
