// The three doors out of a shard. All are asynchronous: what comes back comes as a message through
// Shard::post, never as a call into the shard from within a door. The simulator has its own of
// each.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/log.h"
#include "engine/message.h"

namespace hourwheel {

// Makes batches durable and reads what is. Messages come back in the order in which the work was
// done; a scan or fetch done after a commit sees it. At most one commit is under way.
class StoreDoor {
 public:
  virtual ~StoreDoor() = default;
  virtual void commit(std::unique_ptr<Batch> batch) = 0;  // -> Committed
  virtual void fetch(std::vector<FetchOne> tasks) = 0;    // -> Fetched
  virtual void scan(ScanRequest range) = 0;               // -> Scanned
  virtual void query(QueryRequest request) = 0;           // -> Answered
};

// One send of a run. Everything is copied or sent before start() returns; the views live no longer.
struct AttemptStart {
  AttemptToken token;
  const TaskSpec& spec;
  TaskKey task;
  RunKey run;
  Version task_version;
  Instant due;
  Instant now;
  uint32_t attempt = 1;  // 1, 2, 3 …
  uint64_t missed_count = 0;
  bool possible_duplicate = false;
};

// The links by which targets report on their attempts (engine/completion.h). Whoever has one may:
// nobody can make one up, nor that of another attempt from it.
class CompletionLinks {
 public:
  struct Named {
    TaskKey task;
    RunKey run;
    uint32_t attempt = 0;
  };
  virtual ~CompletionLinks() = default;
  // Where this server can be reached is known: tasks may offer their targets to report later.
  [[nodiscard]] virtual bool available() const = 0;
  // The whole URL. Requires: available.
  [[nodiscard]] virtual std::string link_to(const Named& attempt) const = 0;
  // What the last segment of such a URL names; none: it is none of ours.
  [[nodiscard]] virtual std::optional<Named> read(std::string_view token) const = 0;
};

// Sends attempts and reports each exactly once as AttemptEnded, at the latest when its time is up.
// Concurrency is bounded by the engine (per destination and in all); connections by the dispatcher.
class DispatchDoor {
 public:
  virtual ~DispatchDoor() = default;
  virtual void start(const AttemptStart& attempt) = 0;
  // Cuts off an attempt that was started: it ends as kStopped, unless it has ended otherwise.
  virtual void cancel(AttemptToken attempt) = 0;
};

// What a callback tells of a run's end. The views live as long as the call.
struct RunEnd {
  const TaskSpec& spec;  // of the task whose run it was
  TaskKey task;
  const RunRecord& record;
  std::optional<Instant> first_started;  // of its first attempt; none: there was none
  uint32_t attempts = 0;                 // made for it in all
};

// Puts the end of a run into the words of a callback's payload; the engine has none of its own.
class CallbackTeller {
 public:
  virtual ~CallbackTeller() = default;
  [[nodiscard]] virtual std::string tell(const RunEnd& end) const = 0;
};

class ReplyDoor {
 public:
  virtual ~ReplyDoor() = default;
  virtual void reply(Reply reply) = 0;
};

// What the API posts requests through: one path for the shards of this reactor and of all others.
// The slot of the reply is reserved before anything is posted.
class ShardDoor {
 public:
  virtual ~ShardDoor() = default;
  [[nodiscard]] virtual uint32_t shard_count() const = 0;
  [[nodiscard]] virtual uint32_t shard_of(TaskKey key) const = 0;
  // True: the shard lives on this reactor (ids are generated for such ones, so that a create does
  // not cross threads).
  [[nodiscard]] virtual bool is_local(uint32_t shard) const = 0;
  // False: no credit; nothing was posted and no reply will come.
  [[nodiscard]] virtual bool post(uint32_t shard, Commands commands) = 0;
  [[nodiscard]] virtual bool post(uint32_t shard, QueryRequest request) = 0;
};

// What holds for all shards and reactors, as the API of one reactor sees it.
class SystemDoor {
 public:
  virtual ~SystemDoor() = default;
  // As all shards of this reactor have them.
  [[nodiscard]] virtual const Pauses& pauses() const = 0;
  // By id.
  [[nodiscard]] virtual const std::vector<ApiKey>& keys() const = 0;
  // By name; sealed.
  [[nodiscard]] virtual const std::vector<StoredSecret>& secrets() const = 0;
  // Asks for a change; the answer comes as a Reply when every shard and reactor has confirmed it.
  // False: no credit, nothing was posted.
  [[nodiscard]] virtual bool post(SystemRequest request) = 0;
};

// Where the pauses are kept. What it did is durable when a call has returned without an error, and
// with it the entry that tells of it (AU1); null: no client asked for it.
class PauseFile {
 public:
  virtual ~PauseFile() = default;
  virtual Status put(const GlobalPause& pause, const AuditEntry* told) = 0;  // new, or changed
  virtual Status remove(uint64_t id) = 0;
};

// The same for the keys.
class KeyFile {
 public:
  virtual ~KeyFile() = default;
  virtual Status put(const ApiKey& key, const AuditEntry* told) = 0;  // new, or changed
  virtual Status remove_key(const std::string& id, const AuditEntry& told) = 0;
};

// The same for the secrets. A number that was given out as a version is never less again.
class SecretFile {
 public:
  virtual ~SecretFile() = default;
  virtual Status put(const StoredSecret& secret, const AuditEntry* told) = 0;  // new, or changed
  virtual Status remove_secret(const std::string& name, const AuditEntry& told) = 0;
};

// Encrypts values, so that only who has the key reads them, and only as what they were sealed for
// (SE2). Several threads may call it.
class Sealer {
 public:
  virtual ~Sealer() = default;
  [[nodiscard]] virtual Result<std::string> seal(const SecretPlace& place,
                                                 const SecretText& value) const = 0;
  // kForbidden: with a key that is not there; kCorrupt: not what was sealed for this place.
  [[nodiscard]] virtual Result<SecretText> open(const SecretPlace& place,
                                                std::string_view sealed) const = 0;
  // Sealed with the key that seals now.
  [[nodiscard]] virtual bool is_newest(std::string_view sealed) const = 0;
};

// What the audit log of all of them says. keep: of what changes nothing else in the file; durable
// when it returns well.
class AuditFile {
 public:
  virtual ~AuditFile() = default;
  virtual Status keep(const AuditEntry& entry) = 0;
  virtual Result<AuditPage> list(const ListAudit& query) = 0;
  virtual Result<AuditVerdict> verify(const VerifyAudit& query) = 0;
};

// How a reactor keeps up, as of the turn that begins.
struct LoadSigns {
  Duration oldest_wait{};  // of the command of its shards that has waited longest to be decided
  Duration turn_lag{};     // since it woke up, or since the turn before began if it did not sleep
};

// The other side of ShardDoor: what a reactor tells the API it serves.
class RequestFront {
 public:
  virtual ~RequestFront() = default;
  // Once a turn, and after every sleep before requests are handed over.
  virtual void set_now(Now now) = 0;
  // Once a turn.
  virtual void set_load(const LoadSigns& signs) = 0;
  virtual void on_reply(Reply reply) = 0;
  // At the end of each turn: what was held back until now leaves.
  virtual void end_turn() = 0;
  // When there is more of that; none: nothing is held back.
  [[nodiscard]] virtual std::optional<Monotonic> next_deadline() const = 0;
};

// Where a store leaves what it has to say to its shard, in the order of the work.
class MessageSource {
 public:
  virtual ~MessageSource() = default;
  [[nodiscard]] virtual bool ready() const = 0;
  // Appends all there is; returns how many.
  virtual size_t take(std::vector<Message>& messages) = 0;
};

}  // namespace hourwheel
