// Server-sent events as they come (WHATWG HTML, section 9.2.6), by whatever pieces.
//
//   EV1  How the bytes are cut makes no difference to the events.
//   EV2  An event is at most kMaxEventBytes; what is longer is passed over, its id taken.
// Thread: one.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace hourwheel {

inline constexpr size_t kMaxEventBytes = 4 * 1024 * 1024;

struct ServerEvent {
  std::string type;  // "message" where the server names none
  std::string data;
};

class EventStream {
 public:
  using Taker = std::function<void(const ServerEvent&)>;

  void feed(std::string_view bytes, const Taker& take);
  // Where a stream that goes on from here begins; empty: the server has named no place yet.
  [[nodiscard]] const std::string& last_id() const { return last_id_; }
  // The stream has ended: what is not a whole event is none.
  void reset();

 private:
  void take_line(std::string_view line, const Taker& take);
  void take_field(std::string_view name, std::string_view value);

  std::string line_;
  bool after_return_ = false;  // a line feed that comes next belongs to the line before
  ServerEvent event_;
  bool has_data_ = false;
  bool too_long_ = false;
  std::string last_id_;
};

}  // namespace hourwheel
