// What stands behind an Api in the fuzzers: shards that take whatever they are asked and answer in
// the order in which it came, facts and pauses that never change.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/api.h"
#include "engine/base/check.h"
#include "engine/limits.h"

namespace hourwheel {

inline constexpr Instant kFuzzNow{1'800'000'000'000};

class FakeEngine final : public ShardDoor,
                         public SystemDoor,
                         public ServerFacts,
                         public LogDoor,
                         public CompletionLinks {
 public:
  // --- CompletionLinks ---
  [[nodiscard]] bool available() const override { return true; }
  [[nodiscard]] std::string link_to(const Named&) const override { return {}; }
  [[nodiscard]] std::optional<Named> read(std::string_view) const override { return std::nullopt; }

  // --- LogDoor ---
  [[nodiscard]] LogLevel level() const override { return LogLevel::kDebug; }
  void set_level(LogLevel) override {}
  void write(LogRecord) override {}
  [[nodiscard]] uint64_t dropped() const override { return 0; }

  // --- ShardDoor ---
  [[nodiscard]] uint32_t shard_count() const override { return 2; }
  [[nodiscard]] uint32_t shard_of(TaskKey key) const override { return partition_of(key) % 2; }
  [[nodiscard]] bool is_local(uint32_t shard) const override { return shard == 0; }
  [[nodiscard]] bool post(uint32_t shard, Commands commands) override {
    for (const Command& command : commands.commands) check(shard, command);
    Reply reply{commands.token, std::vector<CommandOutcome>()};
    auto& outcomes = std::get<0>(reply.body);
    for (Command& command : commands.commands) outcomes.push_back(decide(command));
    commands_ += outcomes.size();
    replies_.push_back(std::move(reply));
    return true;
  }
  [[nodiscard]] bool post(uint32_t, QueryRequest request) override {
    ++queries_;
    replies_.push_back({request.token, answer(request.query)});
    return true;
  }
  // --- SystemDoor ---
  [[nodiscard]] const Pauses& pauses() const override { return table_; }
  [[nodiscard]] const std::vector<ApiKey>& keys() const override { return keys_; }
  [[nodiscard]] const std::vector<StoredSecret>& secrets() const override { return secrets_; }
  [[nodiscard]] bool post(SystemRequest request) override {
    ++commands_;
    if (const auto* pauses = std::get_if<PauseRequest>(&request)) {
      replies_.push_back({pauses->token, Result<QueryAnswer>(PausesChanged{})});
    } else if (const auto* secret = std::get_if<SecretRequest>(&request)) {
      StoredSecret stored;
      stored.name = secret->name;
      replies_.push_back({secret->token, Result<QueryAnswer>(SecretChanged{std::move(stored)})});
    } else if (const auto* drain = std::get_if<DrainRequest>(&request)) {
      replies_.push_back({drain->token, Result<QueryAnswer>(DrainBegun{})});
    } else if (const auto* backup = std::get_if<BackupRequest>(&request)) {
      replies_.push_back({backup->token, Result<QueryAnswer>(BackupTold{})});
    } else {
      const auto& keys = std::get<KeyRequest>(request);
      replies_.push_back({keys.token, Result<QueryAnswer>(KeysChanged{{keys.key}})});
    }
    return true;
  }
  // --- ServerFacts ---
  [[nodiscard]] bool ready() const override { return true; }
  [[nodiscard]] bool draining() const override { return false; }
  [[nodiscard]] KeyPolicy key_policy() const override { return KeyPolicy::kOnceMade; }
  [[nodiscard]] std::string_view session_secret() const override { return "fuzz"; }
  [[nodiscard]] std::string_view version() const override { return "0"; }
  [[nodiscard]] std::string_view commit() const override { return "0"; }
  [[nodiscard]] std::string_view tzdata_version() const override { return "0"; }
  [[nodiscard]] std::string_view io_backend() const override { return "none"; }
  [[nodiscard]] Instant started() const override { return kFuzzNow; }
  [[nodiscard]] uint32_t reactor_count() const override { return 1; }
  [[nodiscard]] bool dev_mode() const override { return true; }
  [[nodiscard]] bool require_if_match() const override { return false; }
  [[nodiscard]] bool on_loopback() const override { return false; }
  [[nodiscard]] std::string_view public_authority() const override { return "h.example"; }
  [[nodiscard]] std::span<const ShardMetrics* const> shard_metrics() const override { return {}; }
  [[nodiscard]] std::span<const StoreMetrics* const> store_metrics() const override { return {}; }
  [[nodiscard]] const StorageMetrics& storage() const override { return volume_; }
  [[nodiscard]] const ProcessMetrics& process_metrics() const override { return process_; }
  [[nodiscard]] std::span<const Histogram* const> turn_cpu_us() const override { return {}; }
  [[nodiscard]] std::span<const HttpCounters* const> http_counters() const override { return {}; }
  [[nodiscard]] bool clients_certified() const override { return false; }
  [[nodiscard]] const Gauge* tls_certificate_end() const override { return nullptr; }
  [[nodiscard]] std::span<const Counter* const> tls_handshakes() const override { return {}; }
  [[nodiscard]] std::span<const Counter* const> tls_resumed() const override { return {}; }
  [[nodiscard]] std::span<const Counter* const> client_handshakes() const override { return {}; }
  [[nodiscard]] std::span<const Counter* const> client_handshakes_failed() const override {
    return {};
  }

  // Gives the Api all answers that are there, those to what it asks meanwhile too.
  void answer_all(Api& api) {
    while (!replies_.empty()) {
      Reply reply = std::move(replies_.front());
      replies_.pop_front();
      api.on_reply(std::move(reply));
    }
  }
  // Since the last call.
  size_t take_posted() { return std::exchange(commands_, 0) + std::exchange(queries_, 0); }

 private:
  // What the API promises of every command that it lets through.
  void check(uint32_t shard, const Command& command) const {
    HW_CHECK(!command.id.empty() && command.id.size() <= kMaxTaskId, "an id has its bounds");
    HW_CHECK(command.key == task_key(command.id), "a command names the task of its id");
    HW_CHECK(shard_of(command.key) == shard, "S4 a task belongs to one shard");
    const bool defines =
        command.kind == CommandKind::kCreate || command.kind == CommandKind::kReplace;
    HW_CHECK(defines == (command.spec != nullptr), "a definition comes with what needs one");
    if (!defines) return;
    HW_CHECK(command.spec->id == command.id, "a definition has its task's id");
    HW_CHECK(command.spec->payload.size() <= kMaxPayload, "a payload has its bound");
    HW_CHECK(Schedule::compile(command.spec->schedule, spread_seed(command.key)).has_value(),
             "a schedule that was accepted compiles");
  }
  CommandOutcome decide(Command& command) {
    CommandDone done;
    if (command.kind == CommandKind::kRun) {
      done.effect = CommandEffect::kStarted;
      done.run = RunKey{Generation{1}, Trigger::kManual, static_cast<int64_t>(command.nonce)};
      return done;
    }
    if (command.spec == nullptr) return failure(ErrorCode::kNotFound, "", "there is none");
    done.effect = CommandEffect::kCreated;
    done.spec = std::move(command.spec);
    done.state.version = {1};
    return done;
  }
  static Result<QueryAnswer> answer(const Query& query) {
    if (std::holds_alternative<ListTasks>(query)) return TaskPage{};
    if (std::holds_alternative<ListDead>(query)) return DeadPage{};
    if (std::holds_alternative<TallyDead>(query)) return DeadPage{};
    if (std::holds_alternative<ListRecords>(query)) return RecordPage{};
    return failure(ErrorCode::kNotFound, "", "there is none");
  }

  Pauses table_;
  std::vector<ApiKey> keys_;
  std::vector<StoredSecret> secrets_;
  StorageMetrics volume_;
  ProcessMetrics process_;
  std::deque<Reply> replies_;
  size_t commands_ = 0;
  size_t queries_ = 0;
};

}  // namespace hourwheel
