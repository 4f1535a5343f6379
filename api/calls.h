// The requests being answered: from the door in until the last byte is handed over, with what
// waits for the shards' replies. The rows are indexed by the HTTP server's own tokens, which are
// generational, so the request token given to a shard is that token: a reply to a request that is
// gone finds another generation and is dropped.
//
// Invariants
//   A1  A call is answered once, or its client is gone; then it is not live and nothing is sent.
//   A2  At most kMaxRequestsInFlight calls are live.
// Cost: O(1) each. Thread: the reactor's own.
#pragma once

#include <algorithm>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/access.h"
#include "api/http_counters.h"
#include "api/idempotency.h"
#include "api/json_reader.h"
#include "api/narrowing.h"
#include "api/overload_gate.h"
#include "api/preferences.h"
#include "api/problem.h"
#include "api/rate_limit.h"
#include "api/routes.h"
#include "api/server_facts.h"
#include "api/stats_series.h"
#include "engine/base/random.h"
#include "engine/limits.h"
#include "engine/log.h"
#include "engine/message.h"
#include "engine/ports.h"
#include "engine/task_quotas.h"
#include "net/http.h"

namespace hourwheel {

struct Call;

// What is done with the shards' replies on behalf of one request.
class Answer {
 public:
  virtual ~Answer() = default;
  // One part has come; reply.token.shard is the number under which it was asked for.
  virtual void on_part(Calls& calls, Call& call, Reply reply) = 0;
  // Of a stream: its last chunk has left.
  virtual void on_writable(Calls& /*calls*/, Call& /*call*/) {}
  // Of a call that follows: it is time to look again.
  virtual void on_tick(Calls& /*calls*/, Call& /*call*/) {}
};

// One request. Handlers must not touch it after it is answered.
struct Call {
  HttpToken token;
  Monotonic since{};  // it came in
  bool live = false;
  bool streaming = false;
  const Route* route = nullptr;  // null: none matched
  std::string path;              // the problem's instance
  std::string request_id;        // of one that was refused
  std::string id;                // what stood for {id}, decoded
  Preferences prefers;
  Unknown unknown = Unknown::kRefuse;  // in its body
  std::optional<TraceContext> trace;   // that the request is part of
  Caller caller;
  std::optional<RateLimits::Taken> taken;  // of the rate limit of the caller's key
  Actor actor;                             // who asks, as the audit log tells it
  std::optional<RequestKey> key;           // of a change that may be sent again under it
  bool waits = false;                      // of a delete: until its task's last runs have ended
  CallLoad load;
  Sought sought = Sought::kMany;  // of a narrowed key, by the queries that are under way
  std::unique_ptr<Answer> answer;

  [[nodiscard]] Shape shape() const;
  [[nodiscard]] bool administers() const { return caller.rights.has(Right::kAdmin); }
  [[nodiscard]] const TraceContext* its_trace() const { return trace ? &*trace : nullptr; }
};

class Calls {
 public:
  // The outside, as handed in by the composition root.
  struct Doors {
    HttpResponder& responder;
    ShardDoor& shards;
    const ServerFacts& facts;
    SystemDoor& system;
    RateLimits& limits;
    LogDoor& log;
    const CompletionLinks& links;
    const TaskQuotas& quotas;
  };
  Calls(const Doors& doors, uint32_t reactor, uint64_t seed);
  Calls(const Calls&) = delete;
  Calls& operator=(const Calls&) = delete;

  void set_now(Now now) { now_ = now; }
  [[nodiscard]] Instant now() const { return now_.utc; }
  [[nodiscard]] Now clock() const { return now_; }
  [[nodiscard]] Monotonic mono() const { return now_.mono; }
  [[nodiscard]] Random& random() { return random_; }
  [[nodiscard]] const ShardDoor& shards() const { return doors_.shards; }
  [[nodiscard]] const ServerFacts& facts() const { return doors_.facts; }
  [[nodiscard]] const Pauses& pauses() const { return doors_.system.pauses(); }
  [[nodiscard]] const std::vector<ApiKey>& keys() const { return doors_.system.keys(); }
  [[nodiscard]] const std::vector<StoredSecret>& secrets() const { return doors_.system.secrets(); }
  [[nodiscard]] Access& access() { return access_; }
  [[nodiscard]] LogDoor& log() { return doors_.log; }
  [[nodiscard]] const CompletionLinks& links() const { return doors_.links; }
  [[nodiscard]] const TaskQuotas& quotas() const { return doors_.quotas; }
  // The global pause that holds this task; null: none does.
  [[nodiscard]] const GlobalPause* pause_of(const TaskSpec& spec) const {
    return pauses().holding(spec.labels, now());
  }
  [[nodiscard]] HttpCounters& counters() { return counters_; }
  [[nodiscard]] const HttpCounters& counters() const { return counters_; }

  // What happened lately; looked at once a turn.
  [[nodiscard]] const StatsSeries& stats() const { return stats_; }
  void look_at_stats() { stats_.look(now_, doors_.facts.shard_metrics()); }

  // --- overload ---
  [[nodiscard]] OverloadGate& gate() { return gate_; }
  void set_load(const LoadSigns& signs);
  void count_in(Call& call, const CallLoad& load);
  // Of a call that goes on: so many of its commands are decided.
  void count_decided(Call& call, size_t commands);
  void release_refusals();
  [[nodiscard]] std::optional<Monotonic> next_refusal() const;

  Call& begin(HttpToken token);
  [[nodiscard]] Call* find(HttpToken token);
  void on_reply(Reply reply);
  void on_writable(HttpToken token);
  void on_closed(HttpToken token);

  // Each ends the call.
  void respond(Call& call, HttpResponse response);
  void refuse(Call& call, const Problem& problem);
  // With a header field that belongs to the refusal.
  void refuse(Call& call, const Problem& problem, std::string name, std::string value);
  // What Access has refused, with the challenge that belongs to it.
  void refuse_unauthorized(Call& call, Error error, Right needed);
  void refuse(Call& call, Error error) { refuse(call, problem_of(std::move(error))); }
  void refuse(Call& call, ErrorCode code, std::string detail) {
    refuse(call, Problem{code, std::move(detail), {}});
  }
  // Refuses the call for now, as soon as the pace of refusals has room for it.
  void shed(Call& call, Demand demand, Strain strain);
  // The same of a call whose parts were counted one by one.
  void hold_refusal(Call& call, Strain strain);
  // Takes so many operations of what the caller's key may ask for. False: the call is refused, and
  // none of its operations are taken.
  bool take_operations(Call& call, uint64_t operations);
  [[nodiscard]] RateLimits& limits() { return doors_.limits; }
  // A list of unknown length; the call goes on until finish_stream.
  void stream(Call& call, HttpResponse head);
  void stream_chunk(Call& call, std::string chunk);
  void finish_stream(Call& call, std::string chunk);
  // It cannot go on, and its client must not take it for whole.
  void cut_stream(Call& call);

  // Has the answer's on_tick called every kFollowInterval until the call ends. False: `most` do.
  [[nodiscard]] bool follow(const Call& call, size_t most = kMaxFollowers);
  // Of a call that stays for long: whoever it was admitted as would not be let in any more.
  [[nodiscard]] bool is_shut_out(const Call& call) const;
  // When a call is answered that is to wait for so long: from the arrival of its request on no more
  // than kMaxRunWait, however late its command was decided, as the deadline of answers counts.
  [[nodiscard]] Monotonic end_of_wait(const Call& call, Duration wait) const {
    return std::min(mono() + wait, call.since + kMaxRunWait);
  }
  // A call that only waits is no load.
  void count_out(Call& call);
  void tick();
  [[nodiscard]] std::optional<Monotonic> next_tick() const;

  // Asks a shard, on behalf of a narrowed key within its selection; the queries of a call that are
  // under way together are about the same (Sought). The reply comes as part `part` to call.answer.
  // False: no credit.
  [[nodiscard]] bool post(Call& call, uint32_t part, uint32_t shard, std::vector<Command> commands);
  [[nodiscard]] bool post(Call& call, uint32_t part, uint32_t shard, Query query);
  [[nodiscard]] bool post(const Call& call, PauseRequest request);
  [[nodiscard]] bool post(const Call& call, KeyAction action, ApiKey key);
  [[nodiscard]] bool post(const Call& call, SecretRequest request);
  [[nodiscard]] bool post_drain(const Call& call);
  [[nodiscard]] bool post_backup(const Call& call, std::string path);
  [[nodiscard]] bool post(const Call& call, uint32_t part,
                          std::variant<ListAudit, VerifyAudit> query);
  // Asks the shard that owns the task, as the call's only part; without credit the call is refused.
  void ask_owner(Call& call, Command command);
  void ask_owner(Call& call, TaskKey key, Query query);
  // The one outcome of such a command. nullptr: the shard took none, and the call is refused.
  CommandOutcome* outcome_in(Call& call, Reply& reply);

  // One object, which lives until the next is read. Requires: 64 readable bytes behind the text.
  Result<JsonValue> read_json(const Call& call, std::string_view text) {
    return reader_.parse(text, call.unknown);
  }
  // Reads the body as a JSON object. nullopt: the call is refused.
  std::optional<JsonValue> read_body(Call& call, const HttpRequest& request);

  // A new id whose shard lives on this reactor, if any does.
  std::string new_task_id();
  std::string new_request_id();
  // Spread, so that those refused together do not come back together.
  uint32_t new_retry_after() {
    return kMinRetryAfterS +
           static_cast<uint32_t>(random_.below(kMaxRetryAfterS - kMinRetryAfterS + 1));
  }
  // Makes a manual run's identity; not zero, and fits the text of a run's id.
  uint64_t new_nonce() { return random_.below(uint64_t{1} << 62) + 1; }

 private:
  [[nodiscard]] RequestToken token_of(const Call& call, uint32_t part) const;
  void end(Call& call, int status);
  void log_end(const Call& call, int status);
  const std::string& id_for(Call& call);  // of a refusal

  Doors doors_;
  uint32_t reactor_;
  Random random_;
  Now now_;
  bool has_local_shard_ = false;
  JsonReader reader_;
  HttpCounters counters_;
  Access access_;
  OverloadGate gate_;
  struct Refusal {
    HttpToken token;
    Strain strain;
  };
  std::deque<Refusal> refusals_;  // that wait to leave; no more than calls (A2)
  RefusalPace pace_;
  StatsSeries stats_;
  std::vector<HttpToken> followers_;  // some of them may be gone
  Monotonic next_tick_{};
  std::deque<Call> calls_;  // by the token's slot; a deque, so that rows stay where they are
};

// --- small things all handlers share ---

// The header field of that name; empty if there is none. names are lower case.
std::string_view field_of(const HttpRequest& request, std::string_view name);
std::string task_location(std::string_view id);
std::string etag_of(Version version);

}  // namespace hourwheel
