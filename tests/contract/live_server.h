// The API with one real shard and its real store behind it, in virtual time and in one thread: what
// a request leads to is done when send() returns. Targets answer when the test says so.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/api.h"
#include "api/callback_payload.h"
#include "engine/shard.h"
#include "engine/system_desk.h"
#include "tests/api/support/fixture.h"
#include "tests/store/builders.h"
#include "tests/support/plain_sealer.h"

namespace hourwheel {

class LiveServer {
 public:
  LiveServer();

  // The answer, or null: there is none yet.
  // What the last request was answered; null: nothing yet.
  const Sent* last();
  const Sent* send(const Ask& ask);
  void pass(Duration time);
  // The oldest attempt under way is answered so.
  void answer_attempts(uint16_t status);  // all that are under way
  void answer_attempt(uint16_t status);
  // The same: its target goes on by itself.
  void defer_attempt();
  [[nodiscard]] size_t attempts() const { return targets_.under_way.size(); }
  // May be written to.
  [[nodiscard]] const std::string& folder() const { return folder_.path(); }
  // What the HTTP server in front answers in the API's words.
  HttpResponse refusal(ErrorCode code, std::string_view path) {
    return api_.refusal(Error{code, "", "refused"}, path);
  }
  // As if every turn took so long.
  void lag(Duration each);
  // What the volume of the data folder allows.
  void show(StorageState state);
  // A key with all rights; the policy decides whether one is asked for.
  void add_key(const std::string& text);
  // From now on no change becomes durable.
  void stall() { stalled_ = true; }

  FakeFacts facts;
  FakeLinks links;

 private:
  struct Shards : ShardDoor {
    [[nodiscard]] uint32_t shard_count() const override { return 1; }
    [[nodiscard]] uint32_t shard_of(TaskKey) const override { return 0; }
    [[nodiscard]] bool is_local(uint32_t) const override { return true; }
    [[nodiscard]] bool post(uint32_t, Commands commands) override;
    [[nodiscard]] bool post(uint32_t, QueryRequest request) override;
    std::deque<Message> posted;
  };
  struct System : SystemDoor {
    [[nodiscard]] const Pauses& pauses() const override { return pause_table; }
    [[nodiscard]] const std::vector<ApiKey>& keys() const override { return key_table; }
    [[nodiscard]] const std::vector<StoredSecret>& secrets() const override { return secret_table; }
    [[nodiscard]] bool post(SystemRequest request) override;
    Pauses pause_table;
    std::vector<ApiKey> key_table;
    std::vector<StoredSecret> secret_table;
    std::deque<SystemRequest> asked;
  };
  struct NoFile : PauseFile, KeyFile, SecretFile, AuditFile {
    Status put(const GlobalPause&, const AuditEntry*) override { return {}; }
    Status remove(uint64_t) override { return {}; }
    Status put(const ApiKey&, const AuditEntry*) override { return {}; }
    Status remove_key(const std::string&, const AuditEntry&) override { return {}; }
    Status put(const StoredSecret&, const AuditEntry*) override { return {}; }
    Status remove_secret(const std::string&, const AuditEntry&) override { return {}; }
    Status keep(const AuditEntry&) override { return {}; }
    Result<AuditPage> list(const ListAudit&) override { return AuditPage{}; }
    Result<AuditVerdict> verify(const VerifyAudit&) override { return whole(); }
    static AuditVerdict whole() {
      AuditVerdict verdict;
      verdict.whole = true;
      return verdict;
    }
  };
  struct Work : StoreDoor {
    void commit(std::unique_ptr<Batch> batch) override { batches.push_back(std::move(batch)); }
    void fetch(std::vector<FetchOne> tasks) override { fetches.push_back(std::move(tasks)); }
    void scan(ScanRequest range) override { scans.push_back(range); }
    void query(QueryRequest request) override { queries.push_back(std::move(request)); }
    std::deque<std::unique_ptr<Batch>> batches;
    std::deque<std::vector<FetchOne>> fetches;
    std::deque<ScanRequest> scans;
    std::deque<QueryRequest> queries;
  };
  struct Targets : DispatchDoor {
    void start(const AttemptStart& attempt) override { under_way.push_back(attempt.token); }
    void cancel(AttemptToken attempt) override { canceled.push_back(attempt); }
    std::deque<AttemptToken> under_way;
    std::deque<AttemptToken> canceled;
  };
  struct Replies : ReplyDoor {
    void reply(Reply reply) override { waiting.push_back(std::move(reply)); }
    std::deque<Reply> waiting;
  };

  void settle();
  bool move_messages();
  bool work_on_store();
  Result<QueryAnswer> run_query(Query query);
  bool change_system();
  void answer_oldest(AttemptOutcome outcome);
  void end_attempt(AttemptToken token, AttemptOutcome outcome);
  [[nodiscard]] Now clock() const;

  store_test::Folder folder_;
  std::unique_ptr<ShardStore> store_ = store_test::open_shard(folder_);
  Instant now_ = kTestNow;
  bool stalled_ = false;
  FakeResponder responder_;
  Shards shards_;
  System system_;
  RateLimits limits_;
  FakeLog log_;
  NoFile file_;
  Work work_;
  Targets targets_;
  Replies replies_;
  CallbackPayload teller_;
  TaskQuotas quotas_;
  Shard shard_;
  PlainSealer sealer_;
  SystemDesk desk_;
  Api api_;
  uint32_t next_slot_ = 0;
};

}  // namespace hourwheel
