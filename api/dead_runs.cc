// Dead letters over all shards: listed by pages, those that died last first, and redriven or
// discarded by filter.
#include <algorithm>
#include <utility>

#include "api/dead_filter.h"
#include "api/handlers.h"
#include "api/open_runs.h"
#include "api/page_request.h"
#include "api/page_token.h"
#include "api/runs.h"

namespace hourwheel {
namespace {

constexpr uint64_t kAtEnd = 1;  // a position of a list before which nothing lies
constexpr int64_t kDefaultRedriveRate = 10;

// The parts of an answer that several shards give.
class DeadAnswer : public Answer {
 public:
  void on_part(Calls& calls, Call& call, Reply reply) override {
    if (auto* answer = std::get_if<Result<QueryAnswer>>(&reply.body)) {
      if (*answer) {
        on_page(reply.token.shard, std::move(std::get<DeadPage>(**answer)));
      } else {
        refusal_ = std::move(answer->error());
      }
    } else {
      on_outcomes(std::get<std::vector<CommandOutcome>>(reply.body));
    }
    if (--outstanding_ > 0) return;
    if (refusal_) return calls.refuse(call, std::move(*refusal_));
    on_all(calls, call);
  }

  // Asks the shards that may know something; false: the call is refused.
  template <class MakeQuery>
  bool ask(Calls& calls, Call& call, const DeadFilter& filter, MakeQuery&& query_for) {
    for (uint32_t shard = 0; shard < calls.shards().shard_count(); ++shard) {
      if (filter.task && calls.shards().shard_of(*filter.task) != shard) continue;
      auto query = query_for(shard);
      if (!query) continue;
      ++outstanding_;
      // Replies to those before find the call gone.
      if (!calls.post(call, shard, shard, std::move(*query))) {
        calls.refuse(call, ErrorCode::kOverloaded, "a shard has no room for more requests");
        return false;
      }
    }
    return true;
  }

  [[nodiscard]] bool waits() const { return outstanding_ > 0; }
  virtual void on_all(Calls& calls, Call& call) = 0;

 protected:
  virtual void on_page(uint32_t shard, DeadPage page) = 0;
  virtual void on_outcomes(const std::vector<CommandOutcome>& /*outcomes*/) {}
  void expect_part() { ++outstanding_; }

 private:
  size_t outstanding_ = 0;
  std::optional<Error> refusal_;
};

// One page. Every shard gives as many as the page holds, so that the newest of all are among them.
class DeadListAnswer : public DeadAnswer {
 public:
  DeadListAnswer(PageRequest page, std::string asked, std::vector<uint64_t> positions)
      : page_(std::move(page)), asked_(std::move(asked)), lanes_(positions.size()) {
    for (size_t i = 0; i < lanes_.size(); ++i) lanes_[i].position = positions[i];
  }

  void on_page(uint32_t shard, DeadPage page) override {
    lanes_[shard].found = std::move(page);
    lanes_[shard].came = true;
  }

  void on_all(Calls& calls, Call& call) override {
    HttpResponse response;
    JsonWriter json(response.body);
    json.begin_object();
    json.name("runs");
    json.begin_array();
    for (uint32_t taken = 0; taken < page_.size; ++taken) {
      Lane* lane = newest();
      if (lane == nullptr) break;
      const DeadLetter& letter = lane->found.letters[lane->taken++];
      write_dead_run(json, letter.task_id, letter.run);
      lane->position = letter.position;
    }
    json.end_array();
    for (Lane& lane : lanes_) finish(lane);
    bool more = std::any_of(lanes_.begin(), lanes_.end(),
                            [](const Lane& lane) { return lane.position != kAtEnd; });
    if (more) {
      std::vector<uint64_t> positions;
      for (const Lane& lane : lanes_) positions.push_back(lane.position);
      std::string token = write_page_token(asked_, positions);
      json.name("next_page_token");
      json.string(token);
      response.fields.emplace_back("link", next_link(call.path, page_, token));
    }
    json.end_object();
    calls.respond(call, std::move(response));
  }

 private:
  struct Lane {
    DeadPage found;
    size_t taken = 0;
    uint64_t position = 0;  // where the next page goes on
    bool came = false;
    [[nodiscard]] bool is_dry() const { return taken == found.letters.size(); }
  };

  // None: a lane ran dry before its end, so that what comes next is not known; or all are at it.
  Lane* newest() {
    Lane* newest = nullptr;
    for (Lane& lane : lanes_) {
      if (lane.is_dry() && lane.found.next != 0) return nullptr;
      if (lane.is_dry()) continue;
      if (newest == nullptr || ended(lane) > ended(*newest)) newest = &lane;
    }
    return newest;
  }
  static Instant ended(const Lane& lane) { return lane.found.letters[lane.taken].run.ended; }

  // What the filter passed over behind the last letter is passed over for good.
  static void finish(Lane& lane) {
    if (!lane.came) {
      lane.position = kAtEnd;
    } else if (lane.is_dry()) {
      lane.position = lane.found.next == 0 ? kAtEnd : lane.found.next;
    }
  }

  PageRequest page_;
  std::string asked_;
  std::vector<Lane> lanes_;
};

struct RunBulkBody {
  FieldErrors& errors;
  std::optional<JsonValue> filter{};
  std::optional<CommandKind> action{};
  std::optional<JsonValue> rate_given{};
  int64_t rate = kDefaultRedriveRate;
  bool dry_run = false;
  std::optional<JsonValue> token_given{};
  std::string token{};
};

constexpr Word<CommandKind> kRunBulkActions[] = {
    {"redrive", CommandKind::kRedrive},
    {"delete", CommandKind::kDiscard},
    {"cancel", CommandKind::kCancel},
};

constexpr Member<RunBulkBody> kRunBulkMembers[] = {
    {"filter", [](RunBulkBody& body, const JsonValue& value) { body.filter = value; }},
    {"action",
     [](RunBulkBody& body, const JsonValue& value) {
       CommandKind action{};
       if (read_word(value, kRunBulkActions, action, body.errors)) body.action = action;
     }},
    {"rate",
     [](RunBulkBody& body, const JsonValue& value) {
       body.rate_given = value;
       read_whole(value, {1, kMaxReopenRate}, body.rate, body.errors);
     }},
    {"dry_run", [](RunBulkBody& body,
                   const JsonValue& value) { read_truth(value, body.dry_run, body.errors); }},
    {"page_token",
     [](RunBulkBody& body, const JsonValue& value) {
       body.token_given = value;
       read_text(value, kMaxRequestBody, body.token, body.errors);
     }},
};

// What the filter means depends on the action, which may stand behind it.
DeadFilter read_filter(const RunBulkBody& body) {
  DeadFilter filter;
  if (!body.filter) {
    refuse_missing("/filter", body.errors);
  } else if (body.action == CommandKind::kCancel) {
    read_open_filter(*body.filter, filter, body.errors);
  } else {
    read_dead_filter(*body.filter, filter, body.errors);
  }
  // Only what is started anew has a pace.
  const bool paced = !body.action || body.action == CommandKind::kRedrive;
  if (body.rate_given && !paced) refuse_unknown(*body.rate_given, body.errors);
  // The others do all they do at once.
  const bool in_pages = !body.action || body.action == CommandKind::kCancel;
  if (body.token_given && !in_pages) refuse_unknown(*body.token_given, body.errors);
  return filter;
}

// First all shards count and give the first that died; then those are reopened at once, each with a
// start of its own: durable timers do the pacing, so that no order has to be kept or resumed. Or
// they are discarded.
class BulkAnswer : public DeadAnswer {
 public:
  BulkAnswer(CommandKind action, int64_t rate, bool dry_run)
      : action_(action), rate_(rate), dry_run_(dry_run) {}

  void on_page(uint32_t /*shard*/, DeadPage page) override {
    matched_ += page.matched;
    for (DeadLetter& letter : page.letters) letters_.push_back(std::move(letter));
  }

  void on_outcomes(const std::vector<CommandOutcome>& outcomes) override {
    for (const CommandOutcome& outcome : outcomes) changed_ += outcome ? 1 : 0;
  }

  void on_all(Calls& calls, Call& call) override {
    if (dry_run_ || asked_ || letters_.empty()) return finish(calls, call);
    asked_ = true;
    auto by_shard = commands(calls);
    for (uint32_t shard = 0; shard < by_shard.size(); ++shard) {
      if (by_shard[shard].empty()) continue;
      if (calls.post(call, shard, shard, std::move(by_shard[shard]))) expect_part();
    }
    if (!waits()) calls.refuse(call, ErrorCode::kOverloaded, "no shard has room for more requests");
  }

 private:
  // By shard, each in the order of the starts.
  std::vector<std::vector<Command>> commands(Calls& calls) {
    std::sort(letters_.begin(), letters_.end(), [](const DeadLetter& a, const DeadLetter& b) {
      return std::pair(a.run.due, a.run.key) < std::pair(b.run.due, b.run.key);
    });
    if (letters_.size() > kMaxRedrives) letters_.resize(kMaxRedrives);
    std::vector<std::vector<Command>> by_shard(calls.shards().shard_count());
    int64_t count = 0;
    for (const DeadLetter& letter : letters_) {
      Command command;
      command.kind = action_;
      command.key = letter.run.key;
      command.run = letter.run.run;
      command.not_before = calls.now() + milliseconds(count++ * 1'000 / rate_);
      by_shard[calls.shards().shard_of(command.key)].push_back(std::move(command));
    }
    return by_shard;
  }

  void finish(Calls& calls, Call& call) const {
    HttpResponse response;
    JsonWriter json(response.body);
    json.begin_object();
    json.name("matched");
    json.count(matched_);
    json.name("changed");
    json.count(changed_);
    json.name("left");
    json.count(matched_ - std::min(matched_, changed_));
    json.end_object();
    calls.respond(call, std::move(response));
  }

  CommandKind action_;
  int64_t rate_;
  bool dry_run_;
  bool asked_ = false;  // the shards are, to do it
  uint64_t matched_ = 0;
  uint64_t changed_ = 0;
  std::vector<DeadLetter> letters_;
};

}  // namespace

void list_dead_runs(Calls& calls, Call& call, const HttpRequest& request) {
  auto page = read_page_request(request.query);
  if (!page) return calls.refuse(call, std::move(page.error()));
  DeadFilter filter;
  for (const auto& [name, value] : page->rest) {
    auto added = add_dead_filter(filter, name, value);
    if (!added) return calls.refuse(call, std::move(added.error()));
  }
  std::string asked = question_of("dead", page->rest);
  std::vector<uint64_t> positions(calls.shards().shard_count(), 0);
  if (!page->token.empty()) {
    auto read = read_page_token(page->token, asked, positions.size());
    if (!read) return calls.refuse(call, std::move(read.error()));
    positions = std::move(*read);
  }
  const uint32_t size = page->size;
  auto answer = std::make_unique<DeadListAnswer>(std::move(*page), std::move(asked), positions);
  DeadListAnswer& started = *answer;
  call.answer = std::move(answer);
  auto query_for = [&](uint32_t shard) -> std::optional<Query> {
    if (positions[shard] == kAtEnd) return std::nullopt;
    return ListDead{filter, positions[shard], size};
  };
  if (!started.ask(calls, call, filter, query_for)) return;
  // A token of the very end is not one we give; answer it all the same.
  if (!started.waits()) started.on_all(calls, call);
}

void change_runs(Calls& calls, Call& call, const HttpRequest& request) {
  auto object = calls.read_body(call, request);
  if (!object) return;
  FieldErrors errors;
  RunBulkBody body{errors};
  read_members<RunBulkBody>(*object, kRunBulkMembers, Unknown::kRefuse, body);
  DeadFilter filter = read_filter(body);
  if (!object->find("action")) refuse_missing("/action", errors);
  if (!errors.empty()) return calls.refuse(call, problem_of(std::move(errors)));
  // To cancel is urgent, and never refused (C-25).
  const CommandKind action = *body.action;
  const Demand demand = demand_of(action);
  if (auto strain = calls.gate().refuses(demand)) return calls.shed(call, demand, *strain);
  if (action == CommandKind::kCancel) {
    return cancel_open_runs(calls, call,
                            {.filter = std::move(filter),
                             .dry_run = body.dry_run,
                             .asked = "cancel&" + std::string(body.filter->raw()),
                             .token = std::move(body.token)});
  }
  auto answer = std::make_unique<BulkAnswer>(action, body.rate, body.dry_run);
  BulkAnswer& started = *answer;
  call.answer = std::move(answer);
  started.ask(calls, call, filter, [&](uint32_t) {
    return std::optional<Query>(TallyDead{filter, kMaxRedrives});
  });
}

}  // namespace hourwheel
