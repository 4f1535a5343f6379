// GET /v1/changes: what becomes durable in any shard, as server-sent events (WHATWG HTML, section
// 9.2). Each follower has a place in every shard; the places of all are the id of what it was sent,
// and a stream that is begun with it goes on there, also after a restart of the server.
//
//   CH1  What follows an id is all that happened since, at least once, or is told as a gap.
//   CH2  A stream asks for more only when what it was given has left, so that a slow client costs
//        nothing but its own being behind.
// Shards are looked at every kFollowInterval: events are that much late at most.
#include <algorithm>
#include <array>
#include <utility>

#include "api/handlers.h"
#include "api/page_token.h"
#include "api/runs.h"
#include "api/task_json.h"
#include "api/url_text.h"

namespace hourwheel {
namespace {

enum class EventType : uint8_t {
  kTaskCreated,
  kTaskUpdated,
  kTaskDeleted,
  kRunRetrying,
  kRunEnded,
  kGap,  // always told
};
constexpr std::array<std::string_view, 6> kEventWords = {
    "task.created", "task.updated", "task.deleted", "run.retrying", "run.ended", "gap"};
constexpr uint32_t kOfRuns = uint32_t{1} << static_cast<uint32_t>(EventType::kRunRetrying) |
                             uint32_t{1} << static_cast<uint32_t>(EventType::kRunEnded);

constexpr std::string_view kTokenOf = "changes";
constexpr size_t kNumbersAPlace = 3;

// What one follower wants to know.
struct Interest {
  uint32_t types = ~uint32_t{0};  // bits
  std::optional<TaskKey> task;
  [[nodiscard]] bool takes(EventType type) const {
    return (types >> static_cast<uint32_t>(type) & 1) != 0;
  }
};

Status read_types(Interest& interest, std::string_view words) {
  if (words.empty()) return failure(ErrorCode::kBadRequest, "", "types is empty");
  interest.types = uint32_t{1} << static_cast<uint32_t>(EventType::kGap);
  while (!words.empty()) {
    const std::string_view word = words.substr(0, words.find(','));
    words.remove_prefix(std::min(words.size(), word.size() + 1));
    uint32_t type = 0;
    while (type < kEventWords.size() && kEventWords[type] != word) ++type;
    if (type == kEventWords.size()) {
      return failure(ErrorCode::kBadRequest, "",
                     "types: there are no events \"" + std::string(word) + "\"");
    }
    interest.types |= uint32_t{1} << type;
  }
  return {};
}

class ChangesAnswer : public Answer {
 public:
  ChangesAnswer(size_t shards, Interest interest) : places_(shards), interest_(interest) {}

  void go_on_from(const std::vector<uint64_t>& positions) {
    for (size_t i = 0; i < places_.size(); ++i) {
      const uint64_t* of_shard = &positions[kNumbersAPlace * i];
      places_[i] =
          FollowPlace{of_shard[0], {of_shard[1]}, Instant{static_cast<int64_t>(of_shard[2])}};
    }
  }
  // Where it went on before is nothing that this server knows.
  void note_gap() { event(EventType::kGap, "{}"); }

  // Before the head has left only the places that are not known yet.
  void ask(Calls& calls, Call& call) {
    more_ = false;
    for (uint32_t shard = 0; shard < places_.size(); ++shard) {
      if (!call.streaming && places_[shard] && began_) continue;
      // Without credit the next look will have it.
      if (calls.post(call, shard, shard, FollowChanges{places_[shard]})) ++outstanding_;
    }
    began_ = true;
  }

  void on_part(Calls& calls, Call& call, Reply reply) override {
    auto& answer = std::get<Result<QueryAnswer>>(reply.body);
    --outstanding_;
    // A shard that cannot answer now is asked again.
    if (answer) take(calls, reply.token.shard, std::get<ChangesSeen>(*answer));
    if (outstanding_ > 0) return;
    if (!call.streaming) return begin(calls, call);
    send(calls, call);
  }

  void on_writable(Calls& calls, Call& call) override {
    writable_ = true;
    if (ends_) return calls.finish_stream(call, "");
    if (more_ && outstanding_ == 0) ask(calls, call);
  }

  // A stream whose last chunk is still leaving ends behind it.
  void on_tick(Calls& calls, Call& call) override {
    if (!call.streaming) {
      if (outstanding_ == 0) ask(calls, call);  // for the places it begins with
      return;
    }
    ends_ = ends_ || calls.facts().draining() || calls.is_shut_out(call);
    if (!writable_) return;
    if (ends_) return calls.finish_stream(call, "");
    if (calls.mono() >= sent_ + kFollowPing) return ping(calls, call);
    if (outstanding_ == 0) ask(calls, call);
  }

 private:
  void take(Calls& calls, uint32_t shard, ChangesSeen& seen) {
    if (seen.gap) event(EventType::kGap, "{}");
    for (SeenChange& change : seen.changes) tell(calls, change);
    moved_ = moved_ || !seen.changes.empty() || seen.gap;
    places_[shard] = seen.place;
    more_ = more_ || seen.more;
  }

  void tell_run(const SeenChange& change) {
    if (!change.record || change.task.key == TaskKey{}) return;
    std::string text;
    JsonWriter json(text);
    write_run(json, {change.task.spec.id, change.task.key}, {&*change.record, 1});
    event(is_end(change.record->state) ? EventType::kRunEnded : EventType::kRunRetrying, text);
  }

  void tell_removed(const SeenChange& change) {
    if (change.task.spec.id.empty()) return;  // its going was told when it went
    std::string text;
    JsonWriter json(text);
    json.begin_object();
    json.name("id");
    json.string(change.task.spec.id);
    json.end_object();
    event(EventType::kTaskDeleted, text);
  }

  void tell_task(const Calls& calls, const SeenChange& change) {
    const StoredTask& task = change.task;
    std::string text;
    JsonWriter json(text);
    write_task_summary(json, {task.key, task.spec, task.state, std::nullopt, std::nullopt,
                              calls.pause_of(task.spec)});
    const bool created = change.kind == SeenKind::kCreated;
    event(created ? EventType::kTaskCreated : EventType::kTaskUpdated, text);
  }

  void tell(const Calls& calls, const SeenChange& change) {
    if (interest_.task && change.task.key != *interest_.task) return;
    tell_run(change);
    switch (change.kind) {
      case SeenKind::kCreated:
      case SeenKind::kUpdated:
        return tell_task(calls, change);
      case SeenKind::kRemoved:
        return tell_removed(change);
      case SeenKind::kRecord:
        return;
    }
  }

  void event(EventType type, std::string_view json) {
    if (!interest_.takes(type)) return;
    chunk_.append("event: ").append(kEventWords[static_cast<size_t>(type)]);
    chunk_.append("\ndata: ").append(json).append("\n\n");
  }

  // An id by itself is no event, and is where a stream that is cut goes on all the same.
  [[nodiscard]] std::string id_line() const {
    std::vector<uint64_t> positions;
    for (const auto& place : places_) {
      positions.push_back(place->row);
      positions.push_back(place->created.value);
      positions.push_back(static_cast<uint64_t>(place->restored.ms));
    }
    return "id: " + write_page_token(kTokenOf, positions) + "\n\n";
  }

  [[nodiscard]] bool knows_all_places() const {
    return std::all_of(places_.begin(), places_.end(), [](const auto& place) { return !!place; });
  }

  void begin(Calls& calls, Call& call) {
    if (!knows_all_places()) return;  // the next look asks again
    HttpResponse head;
    head.content_type = "text/event-stream";
    head.fields.emplace_back("cache-control", "no-store");
    head.body = "retry: 2000\n\n" + std::exchange(chunk_, {}) + id_line();
    moved_ = false;
    left(calls);
    calls.stream(call, std::move(head));
  }

  void send(Calls& calls, Call& call) {
    if (!writable_) return;
    if (chunk_.empty() && !moved_) {
      if (more_) ask(calls, call);  // of which a narrowed key was told nothing
      return;
    }
    if (std::exchange(moved_, false)) chunk_ += id_line();
    left(calls);
    calls.stream_chunk(call, std::exchange(chunk_, {}));
  }

  // A narrowed key may be told nothing for long: without a new id its stream would go on, once it
  // was cut, from too far behind. What waits to be told is not passed over (CH1).
  void ping(Calls& calls, Call& call) {
    const bool whole = outstanding_ == 0 && chunk_.empty();
    left(calls);
    calls.stream_chunk(call, ": ping\n\n" + (call.caller.narrowed() && whole ? id_line() : ""));
  }

  // Something is on its way to the client.
  void left(const Calls& calls) {
    sent_ = calls.mono();
    writable_ = false;
  }

  std::vector<std::optional<FollowPlace>> places_;  // by shard; none: not known yet
  Interest interest_;
  std::string chunk_;
  bool began_ = false;     // to ask
  bool writable_ = false;  // CH2
  bool ends_ = false;      // as soon as it is writable
  bool moved_ = false;     // since the last id
  bool more_ = false;      // is there at once
  Monotonic sent_{};
  size_t outstanding_ = 0;
};

// What the query asks for.
struct FollowQuery {
  Interest interest;
  bool chosen = false;  // its types
  std::string last_id;
};

Result<FollowQuery> read_query(const HttpRequest& request) {
  auto parameters = parse_query(request.query);
  if (!parameters) return failure(std::move(parameters.error()));
  FollowQuery query;
  for (const auto& [name, value] : *parameters) {
    if (name == "types") {
      query.chosen = true;
      if (Status good = read_types(query.interest, value); !good) return failure(good.error());
    } else if (name == "task_id") {
      query.interest.task = task_key(value);
    } else if (name == "last_event_id") {
      query.last_id = value;
    } else {
      return failure(ErrorCode::kBadRequest, "", "the query takes no parameter \"" + name + "\"");
    }
  }
  if (const auto field = field_of(request, "last-event-id"); !field.empty()) query.last_id = field;
  return query;
}

}  // namespace

void follow_changes(Calls& calls, Call& call, const HttpRequest& request) {
  auto query = read_query(request);
  if (!query) return calls.refuse(call, std::move(query.error()));
  Interest& interest = query->interest;
  if (Status good = check_right(call.caller, Right::kRunsRead); !good) {
    const bool named = query->chosen && (interest.types & kOfRuns) != 0;
    if (named) return calls.refuse_unauthorized(call, std::move(good.error()), Right::kRunsRead);
    interest.types &= ~kOfRuns;
  }
  const size_t shards = calls.shards().shard_count();
  auto answer = std::make_unique<ChangesAnswer>(shards, interest);
  if (!query->last_id.empty()) {
    // A browser sends the id that it has again and again, and gives up on a refusal.
    auto positions = read_page_token(query->last_id, kTokenOf, kNumbersAPlace * shards);
    if (positions) {
      answer->go_on_from(*positions);
    } else {
      answer->note_gap();
    }
  }
  if (!calls.follow(call)) {
    return calls.refuse(call, ErrorCode::kOverloaded, "too many follow the changes already");
  }
  ChangesAnswer& started = *answer;
  call.answer = std::move(answer);
  started.ask(calls, call);
}

}  // namespace hourwheel
