// An Api between a responder that remembers and shards that a test answers for by hand.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/api.h"
#include "tests/support/fake_log.h"

namespace hourwheel {

inline constexpr Instant kTestNow{1'767'225'600'000};  // 2026-01-01T00:00:00Z

// What the Api sent to one token.
struct Sent {
  HttpResponse response;
  std::vector<std::string> chunks;
  bool streaming = false;
  bool ended = false;
  bool cut = false;

  [[nodiscard]] std::string field(std::string_view name) const {
    for (const auto& [key, value] : response.fields) {
      if (key == name) return value;
    }
    return "";
  }
};

class FakeResponder : public HttpResponder {
 public:
  void respond(HttpToken token, HttpResponse response) override {
    Sent& sent = open(token);
    sent.response = std::move(response);
    sent.ended = true;
  }
  void stream(HttpToken token, HttpResponse head) override {
    Sent& sent = open(token);
    sent.response = std::move(head);
    sent.streaming = true;
  }
  void stream_chunk(HttpToken token, std::string chunk) override {
    ASSERT_TRUE(sent_[key(token)].streaming);
    sent_[key(token)].chunks.push_back(std::move(chunk));
  }
  void stream_last(HttpToken token, std::string chunk) override {
    stream_chunk(token, std::move(chunk));
    sent_[key(token)].ended = true;
  }
  void cut_stream(HttpToken token) override {
    ASSERT_TRUE(sent_[key(token)].streaming);
    sent_[key(token)].ended = sent_[key(token)].cut = true;
  }

  Sent& at(HttpToken token) { return sent_[key(token)]; }
  [[nodiscard]] size_t answers() const { return sent_.size(); }

 private:
  using Key = std::pair<uint32_t, uint32_t>;
  static Key key(HttpToken token) { return {token.slot, token.generation}; }
  Sent& open(HttpToken token) {
    Sent& sent = sent_[key(token)];
    EXPECT_FALSE(sent.streaming || sent.ended) << "A1: a call is answered once";
    return sent;
  }
  std::map<Key, Sent> sent_;
};

// Keeps what was posted until the test looks.
class FakeShards : public ShardDoor {
 public:
  explicit FakeShards(uint32_t shards) : shards_(shards) {}
  [[nodiscard]] uint32_t shard_count() const override { return shards_; }
  [[nodiscard]] uint32_t shard_of(TaskKey key) const override {
    return partition_of(key) % shards_;
  }
  [[nodiscard]] bool is_local(uint32_t shard) const override { return shard == local; }
  [[nodiscard]] bool post(uint32_t shard, Commands message) override {
    if (!has_credit(shard)) return false;
    commands.emplace_back(shard, std::move(message));
    return true;
  }
  [[nodiscard]] bool post(uint32_t shard, QueryRequest request) override {
    if (!has_credit(shard)) return false;
    queries.emplace_back(shard, std::move(request));
    return true;
  }

  uint32_t local = 0;
  std::vector<uint32_t> without_credit;
  std::deque<std::pair<uint32_t, Commands>> commands;
  std::deque<std::pair<uint32_t, QueryRequest>> queries;

 private:
  [[nodiscard]] bool has_credit(uint32_t shard) const {
    return std::find(without_credit.begin(), without_credit.end(), shard) == without_credit.end();
  }
  uint32_t shards_;
};

class FakeSystem : public SystemDoor {
 public:
  [[nodiscard]] const Pauses& pauses() const override { return pause_table; }
  [[nodiscard]] const std::vector<ApiKey>& keys() const override { return key_table; }
  [[nodiscard]] const std::vector<StoredSecret>& secrets() const override { return secret_table; }
  [[nodiscard]] bool post(SystemRequest request) override {
    if (!has_credit) return false;
    requests.push_back(std::move(request));
    return true;
  }
  // The oldest request, which is of this kind.
  template <class Request>
  Request take() {
    if (requests.empty()) {
      ADD_FAILURE() << "nothing was asked";
      return {};
    }
    Request first = std::get<Request>(std::move(requests.front()));
    requests.pop_front();
    return first;
  }

  Pauses pause_table;
  std::vector<ApiKey> key_table;           // by id
  std::vector<StoredSecret> secret_table;  // by name
  bool has_credit = true;
  std::deque<SystemRequest> requests;
};

// Each link names the one attempt.
class FakeLinks : public CompletionLinks {
 public:
  [[nodiscard]] bool available() const override { return is_available; }
  [[nodiscard]] std::string link_to(const Named& /*attempt*/) const override {
    return "http://h.example/v1/completions/" + token;
  }
  [[nodiscard]] std::optional<Named> read(std::string_view text) const override {
    return text == token ? std::optional(attempt) : std::nullopt;
  }

  bool is_available = true;
  std::string token = "good-token";
  Named attempt{task_key("a"), {{17}, Trigger::kSchedule, 1'767'225'600'000}, 2};
};

class FakeFacts : public ServerFacts {
 public:
  [[nodiscard]] bool ready() const override { return is_ready; }
  [[nodiscard]] bool draining() const override { return is_draining; }
  [[nodiscard]] std::string_view version() const override { return "9.8.7"; }
  [[nodiscard]] std::string_view commit() const override { return "0123456789ab"; }
  [[nodiscard]] std::string_view tzdata_version() const override { return "2026a"; }
  [[nodiscard]] std::string_view io_backend() const override { return "io_uring"; }
  [[nodiscard]] Instant started() const override { return kTestNow; }
  [[nodiscard]] uint32_t reactor_count() const override { return 2; }
  [[nodiscard]] KeyPolicy key_policy() const override { return policy; }
  [[nodiscard]] std::string_view session_secret() const override { return secret; }
  [[nodiscard]] bool dev_mode() const override { return is_dev; }
  [[nodiscard]] bool on_loopback() const override { return is_loopback; }
  [[nodiscard]] std::string_view public_authority() const override { return public_host; }
  [[nodiscard]] bool require_if_match() const override { return requires_if_match; }
  [[nodiscard]] std::span<const StoreMetrics* const> store_metrics() const override {
    return stores;
  }
  [[nodiscard]] const StorageMetrics& storage() const override { return volume; }
  [[nodiscard]] const ProcessMetrics& process_metrics() const override { return of_process; }
  [[nodiscard]] std::span<const Histogram* const> turn_cpu_us() const override { return {}; }
  [[nodiscard]] std::span<const ShardMetrics* const> shard_metrics() const override {
    return shards;
  }
  [[nodiscard]] std::span<const HttpCounters* const> http_counters() const override {
    return counters;
  }
  [[nodiscard]] bool clients_certified() const override { return asks_certificates; }
  [[nodiscard]] const Gauge* tls_certificate_end() const override {
    return speaks_tls ? &certificate_end : nullptr;
  }
  [[nodiscard]] std::span<const Counter* const> tls_handshakes() const override {
    return outward_handshakes;
  }
  [[nodiscard]] std::span<const Counter* const> tls_resumed() const override {
    return outward_resumed;
  }
  [[nodiscard]] std::span<const Counter* const> client_handshakes() const override {
    return inward_handshakes;
  }
  [[nodiscard]] std::span<const Counter* const> client_handshakes_failed() const override {
    return inward_failed;
  }

  KeyPolicy policy = KeyPolicy::kOnceMade;
  std::string secret = "of the test";
  std::string public_host;
  bool is_ready = true;
  bool is_draining = false;
  bool is_dev = false;
  bool is_loopback = true;
  bool requires_if_match = false;
  bool asks_certificates = false;
  bool speaks_tls = false;
  Gauge certificate_end;
  StorageMetrics volume;
  ProcessMetrics of_process;
  std::vector<const ShardMetrics*> shards;
  std::vector<const StoreMetrics*> stores;
  std::vector<const HttpCounters*> counters;
  std::vector<const Counter*> outward_handshakes;
  std::vector<const Counter*> outward_resumed;
  std::vector<const Counter*> inward_handshakes;
  std::vector<const Counter*> inward_failed;
};

// A request as a test writes it.
struct Ask {
  std::string method = "GET";
  std::string target;  // path and query
  std::string body;
  std::vector<std::pair<std::string, std::string>> fields;
  std::string authority = "localhost:8080";
  Address peer{};
  bool over_tls = false;
};

class ApiTest : public ::testing::Test {
 public:
  explicit ApiTest(uint32_t shards = 2)
      : shards_(shards),
        api_({responder_, shards_, facts_, system_, limits_, log_, links_, quotas_}, 0, 42) {
    api_.set_now({kTestNow, Monotonic{0}});
    facts_.counters = {&api_.http_counters()};
  }

  HttpToken send(const Ask& ask) {
    HttpToken token{next_slot_++, 7};
    std::vector<HttpField> fields;
    for (const auto& [name, value] : ask.fields) fields.push_back({name, value});
    bool declared = std::any_of(fields.begin(), fields.end(), [](const HttpField& field) {
      return field.name == "content-type";
    });
    if (!ask.body.empty() && !declared) fields.push_back({"content-type", "application/json"});
    std::string padded = ask.body + std::string(64, '\0');
    std::string_view target = ask.target;
    size_t question = std::min(target.find('?'), target.size());
    HttpRequest request;
    request.method = ask.method;
    request.path = target.substr(0, question);
    request.query = target.substr(std::min(question + 1, target.size()));
    request.authority = ask.authority;
    request.peer = ask.peer;
    request.over_tls = ask.over_tls;
    request.fields = fields;
    request.body = std::string_view(padded).substr(0, ask.body.size());
    api_.on_request(token, request);
    return token;
  }
  // Sends and expects an answer at once.
  const Sent& ask(const Ask& request) {
    HttpToken token = send(request);
    Sent& sent = responder_.at(token);
    EXPECT_TRUE(sent.ended) << request.method << " " << request.target << " is not answered";
    return sent;
  }
  const Sent& post(const std::string& target, const std::string& body) {
    return ask({"POST", target, body, {}});
  }
  const Sent& get(const std::string& target) { return ask({"GET", target, "", {}}); }

  // The oldest command posted, with its message.
  std::pair<uint32_t, Commands> take_commands() {
    EXPECT_FALSE(shards_.commands.empty()) << "nothing was posted";
    auto first = std::move(shards_.commands.front());
    shards_.commands.pop_front();
    return first;
  }
  std::pair<uint32_t, QueryRequest> take_query() {
    EXPECT_FALSE(shards_.queries.empty()) << "nothing was asked";
    auto first = std::move(shards_.queries.front());
    shards_.queries.pop_front();
    return first;
  }

  void reply(const RequestToken& token, std::vector<CommandOutcome> outcomes) {
    api_.on_reply(Reply{token, std::move(outcomes)});
  }
  void reply(const RequestToken& token, CommandOutcome outcome) {
    std::vector<CommandOutcome> outcomes;
    outcomes.push_back(std::move(outcome));
    reply(token, std::move(outcomes));
  }
  void answer(const RequestToken& token, Result<QueryAnswer> result) {
    api_.on_reply(Reply{token, std::move(result)});
  }

  // Sends a request that makes one command, and answers it with what `decide` makes of it.
  template <class Decide>
  const Sent& ask_and_decide(const Ask& request, Decide decide) {
    HttpToken token = send(request);
    if (shards_.commands.empty()) {
      ADD_FAILURE() << "no command: " << responder_.at(token).response.body;
      return responder_.at(token);
    }
    auto [shard, message] = take_commands();
    EXPECT_EQ(message.commands.size(), 1U);
    EXPECT_EQ(shard, shards_.shard_of(message.commands[0].key));
    reply(message.token, decide(message.commands[0]));
    EXPECT_TRUE(responder_.at(token).ended);
    return responder_.at(token);
  }

 protected:
  // The token of the page that follows; empty: none does.
  static std::string token_in(const std::string& body) {
    constexpr std::string_view kName = "\"next_page_token\":\"";
    size_t at = body.find(kName);
    if (at == std::string::npos) return "";
    at += kName.size();
    return body.substr(at, body.find('"', at) - at);
  }
  FakeResponder responder_;
  FakeShards shards_;
  FakeFacts facts_;
  FakeSystem system_;
  RateLimits limits_;
  FakeLog log_;
  FakeLinks links_;
  TaskQuotas quotas_;
  Api api_;
  uint32_t next_slot_ = 0;
};

inline TaskState test_state(uint64_t version = 17) {
  TaskState state;
  state.version = Version{version};
  state.generation = Generation{version};
  state.created = kTestNow;
  state.updated = kTestNow;
  state.next_due = kTestNow + hours(1);
  return state;
}

// What a shard answers to a create or replace that it takes.
inline CommandOutcome accepted(Command& command, CommandEffect effect, uint64_t version = 17) {
  CommandDone done;
  done.effect = effect;
  done.spec = std::move(command.spec);
  done.state = test_state(version);
  done.state.pause = command.pause;
  return done;
}

inline StoredTask stored_task(const std::string& id, uint64_t number, Instant created = kTestNow) {
  StoredTask task;
  task.number = TaskNumber{number};
  task.key = task_key(id);
  task.spec.id = id;
  task.spec.schedule.at = kTestNow + hours(1);
  task.state = test_state(number);
  task.state.created = created;
  return task;
}

inline CommandOutcome refused(ErrorCode code) {
  return CommandOutcome(failure(code, "", "refused by the shard"));
}

inline bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace hourwheel
