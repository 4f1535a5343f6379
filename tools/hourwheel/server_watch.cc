#include "tools/hourwheel/server_watch.h"

#include <algorithm>
#include <utility>

#include "tools/hourwheel/answer_text.h"
#include "tools/hourwheel/ask.h"
#include "tools/hourwheel/query_text.h"

namespace hourwheel {

FeedState ServerEvents::wait(Duration longest) {
  if (state_ == Stream::kNone) begin();
  const Monotonic end = terminal_.steady() + longest;
  while (state_ == Stream::kBegun || state_ == Stream::kOpen) {
    const Duration left = std::max(end - terminal_.steady(), Duration{});
    if (read(left)) return FeedState::kChanged;
    if (left == Duration{}) return FeedState::kQuiet;
  }
  return FeedState::kAbsent;
}

void ServerEvents::begin() {
  events_.reset();
  stream_.begin(path_);
  state_ = Stream::kBegun;
}

bool ServerEvents::read(Duration longest) {
  bool told = false;
  const auto note = [&told](const ServerEvent&) { told = true; };
  const StreamState now =
      stream_.read(longest, [&](std::string_view bytes) { events_.feed(bytes, note); });
  switch (now) {
    case StreamState::kOpening:
      break;
    case StreamState::kOpen:
      told = told || state_ == Stream::kBegun;  // SW1
      state_ = Stream::kOpen;
      break;
    case StreamState::kRefused:
      state_ = Stream::kRefused;
      break;
    case StreamState::kBroken:
      state_ = Stream::kNone;
      break;
  }
  return told;
}

int draw_or_watch(const WatchPlan& plan, Terminal& terminal, const Draw& draw) {
  if (!plan.choice.on) return draw(nullptr);
  auto access = find_access(plan.server);
  if (!access) return complain(access.error().detail, kUsage);
  QueryText query("/v1/changes");
  query.add("types", plan.events.types).add("task_id", plan.events.task_id);
  ServerEvents events(std::move(*access), std::move(query).text(), terminal);
  FollowedChanges changes(terminal, events, seconds(plan.choice.interval_s));
  SeenRows seen;
  const auto draw_frame = [&] {
    const int code = draw(&seen);
    seen.end_frame(code == kOk);
    return code;
  };
  return watch(draw_frame, changes, terminal);
}

}  // namespace hourwheel
