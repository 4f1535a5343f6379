#include "tests/contract/live_server.h"

#include <utility>

#include "api/key_text.h"

namespace hourwheel {
namespace {

constexpr uint32_t kBudget = 1'000;

}  // namespace

bool LiveServer::Shards::post(uint32_t, Commands commands) {
  posted.emplace_back(std::move(commands));
  return true;
}

bool LiveServer::Shards::post(uint32_t, QueryRequest request) {
  posted.emplace_back(std::move(request));
  return true;
}

bool LiveServer::System::post(SystemRequest request) {
  asked.push_back(std::move(request));
  return true;
}

LiveServer::LiveServer()
    : shard_(0, 1, store_->recovered(), now_,
             {work_, targets_, replies_, teller_, nullptr, &quotas_}),
      desk_({PauseBook(file_, {}, now_), KeyBook(file_, {}, &quotas_),
             SecretBook(file_, sealer_, {})},
            file_, 1),
      api_({responder_, shards_, facts, system_, limits_, log_, links, quotas_}, 0, 42) {
  facts.policy = KeyPolicy::kNever;
  facts.counters = {&api_.http_counters()};
  facts.shards = {&shard_.metrics()};
  facts.stores = {&store_->metrics()};
  system_.pause_table.replace(desk_.table().pauses);
  shard_.post(desk_.table().pauses);
  settle();
}

Now LiveServer::clock() const {
  return {now_, Monotonic{(now_ - kTestNow).ms}};
}

const Sent* LiveServer::send(const Ask& ask) {
  const HttpToken token{next_slot_++, 1};
  std::vector<HttpField> fields;
  for (const auto& [name, value] : ask.fields) fields.push_back({name, value});
  const std::string padded = ask.body + std::string(64, '\0');
  const std::string_view target = ask.target;
  const size_t question = std::min(target.find('?'), target.size());
  HttpRequest request;
  request.method = ask.method;
  request.path = target.substr(0, question);
  request.query = target.substr(std::min(question + 1, target.size()));
  request.authority = ask.authority;
  request.fields = fields;
  request.body = std::string_view(padded).substr(0, ask.body.size());
  api_.on_request(token, request);
  settle();
  return last();
}

const Sent* LiveServer::last() {
  const Sent& sent = responder_.at({next_slot_ - 1, 1});
  return sent.ended || sent.streaming ? &sent : nullptr;
}

void LiveServer::answer_attempts(uint16_t status) {
  while (!targets_.under_way.empty()) answer_attempt(status);
}

void LiveServer::pass(Duration time) {
  now_ = now_ + time;
  settle();
}

void LiveServer::lag(Duration each) {
  for (int turn = 0; turn < 4; ++turn) api_.set_load({.oldest_wait = {}, .turn_lag = each});
}

void LiveServer::show(StorageState state) {
  shard_.post(state);
  settle();
}

void LiveServer::answer_attempt(uint16_t status) {
  AttemptOutcome outcome;
  outcome.status = status;
  answer_oldest(std::move(outcome));
}

void LiveServer::defer_attempt() {
  AttemptOutcome outcome;
  outcome.status = 202;
  outcome.deferred = true;
  answer_oldest(std::move(outcome));
}

void LiveServer::answer_oldest(AttemptOutcome outcome) {
  outcome.result = AttemptResult::kResponded;
  outcome.body = "an answer";
  outcome.wire.remote = RemoteKind::kV4;
  outcome.wire.address = {192, 0, 2, 1};
  outcome.wire.connect = outcome.wire.tls = outcome.wire.first_byte = PhaseTime(milliseconds(1));
  const AttemptToken token = targets_.under_way.front();
  targets_.under_way.pop_front();
  end_attempt(token, std::move(outcome));
  settle();
}

void LiveServer::end_attempt(AttemptToken token, AttemptOutcome outcome) {
  outcome.sent = true;
  outcome.started = outcome.ended = now_;
  shard_.post(AttemptEnded{token, std::move(outcome)});
}

void LiveServer::settle() {
  api_.set_now(clock());
  bool moved = true;
  while (moved) {
    while (shard_.turn(clock(), kBudget)) {
    }
    moved = move_messages();
    moved = work_on_store() || moved;
    moved = change_system() || moved;
    api_.end_turn();
  }
}

// What the API asked goes to the shard, and what came of it to the API.
bool LiveServer::move_messages() {
  const bool moved =
      !shards_.posted.empty() || !replies_.waiting.empty() || !targets_.canceled.empty();
  for (; !shards_.posted.empty(); shards_.posted.pop_front()) {
    shard_.post(std::move(shards_.posted.front()));
  }
  while (!replies_.waiting.empty()) {
    Reply reply = std::move(replies_.waiting.front());
    replies_.waiting.pop_front();
    api_.on_reply(std::move(reply));
  }
  for (; !targets_.canceled.empty(); targets_.canceled.pop_front()) {
    AttemptOutcome outcome;
    outcome.result = AttemptResult::kStopped;
    std::erase_if(targets_.under_way, [this](AttemptToken token) {
      return token.slot == targets_.canceled.front().slot;
    });
    end_attempt(targets_.canceled.front(), std::move(outcome));
  }
  return moved;
}

Result<QueryAnswer> LiveServer::run_query(Query query) {
  RunningQuery running;
  running.query = std::move(query);
  while (true) {
    if (auto answer = store_->query(running)) return std::move(*answer);
  }
}

bool LiveServer::work_on_store() {
  if (!stalled_ && !work_.batches.empty()) {
    auto batch = std::move(work_.batches.front());
    work_.batches.pop_front();
    const Status done = store_->commit(*batch);
    EXPECT_TRUE(done) << (done ? "" : done.error().detail);
    shard_.post(Committed{std::move(batch)});
  } else if (!work_.fetches.empty()) {
    shard_.post(store_->fetch(std::move(work_.fetches.front())));
    work_.fetches.pop_front();
  } else if (!work_.scans.empty()) {
    auto page = store_->scan(work_.scans.front());
    work_.scans.pop_front();
    EXPECT_TRUE(page.has_value());
    if (page) shard_.post(std::move(*page));
  } else if (!work_.queries.empty()) {
    QueryRequest request = std::move(work_.queries.front());
    work_.queries.pop_front();
    shard_.post(Answered{request.token, run_query(std::move(request.query))});
  } else {
    return false;
  }
  return true;
}

void LiveServer::add_key(const std::string& text) {
  const auto parsed = parse_key_text(text);
  ASSERT_TRUE(parsed) << text;
  KeyRequest request;
  request.token = {0, UINT32_MAX, 0, 0};  // nobody waits for the answer
  request.key.id = std::string(parsed->id);
  request.key.digest = digest_of(*parsed);
  request.key.name = "of the test";
  request.key.rights = Rights::all();
  request.key.created = request.key.last_used.emplace(now_);
  ASSERT_TRUE(system_.post(std::move(request)));
  settle();
}

bool LiveServer::change_system() {
  const bool asked = !system_.asked.empty();
  for (; !system_.asked.empty(); system_.asked.pop_front()) {
    desk_.ask(std::move(system_.asked.front()));
  }
  auto table = desk_.turn(now_, replies_);
  if (!table) return asked;
  shard_.post(PauseTable(table->pauses));
  system_.pause_table.replace(std::move(table->pauses));
  system_.key_table = std::move(table->keys);
  if (table->secrets) system_.secret_table = std::move(*table->secrets);
  while (shard_.turn(clock(), kBudget)) {
  }
  desk_.confirmed(0, shard_.pauses_version(), replies_);
  return true;
}

}  // namespace hourwheel
