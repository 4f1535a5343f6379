// One core's thread: serves HTTP, owns some shards, sends attempts. Its loop is run_once():
//
//   wait (the only place that blocks; clients are served in it) -> now (the only clock read) ->
//   drain the mailbox -> reap attempts -> each shard: turn(now, budget) -> submit attempts ->
//   deliver replies -> submit what that began
//
// Invariants
//   S4  A task belongs to one shard, a shard to one reactor, a reactor to one thread.
//   R4  It never sleeps while a shard, a ring, a store or a reply has work, or the end of a drain
//   is
//       to be told (arm_wakeup looks last).
// Cost: an idle turn is one block and a few looks. Thread: its own; construct it there.
#pragma once

#include <deque>
#include <memory>
#include <string_view>
#include <vector>

#include "engine/metrics.h"
#include "engine/ports.h"
#include "engine/shard.h"
#include "net/event_loop.h"
#include "net/http.h"
#include "net/http_server.h"
#include "net/io.h"
#include "net/listener.h"
#include "net/switchboard.h"
#include "net/system_clock.h"
#include "net/webhook_dispatcher.h"

namespace hourwheel {

// A shard of this reactor and where its store leaves its messages.
struct OwnedShard {
  uint32_t index = 0;
  Shard* shard = nullptr;
  MessageSource* store = nullptr;
};

struct ReactorParts {
  EventLoop& loop;
  Io& io;
  WebhookDispatcher& dispatcher;
  Switchboard& board;
  const Sealer& sealer;  // of the secrets that are told
};

class Reactor final : public ShardDoor,
                      public ReplyDoor,
                      public SystemDoor,
                      public HttpHandler,
                      private Sleeper {
 public:
  Reactor(uint32_t index, ReactorParts parts);

  // The shards, and whom requests go to, once those exist (they are built on this object's doors).
  void own(OwnedShard shard);
  struct Served {
    HttpHandler& handler;
    RequestFront& front;
    HttpServer& server;
  };
  void serve(Served served);
  // What was in the file at the start; every shard gets its pauses before anything else.
  void begin_with(const SystemTable& table);
  // Where clients come in until a drain.
  void listen(std::unique_ptr<Listener> listener) { listener_ = std::move(listener); }

  // Until ordered to stop.
  void run();

  // --- ShardDoor ---
  [[nodiscard]] uint32_t shard_count() const override { return parts_.board.shards(); }
  [[nodiscard]] uint32_t shard_of(TaskKey key) const override;
  [[nodiscard]] bool is_local(uint32_t shard) const override;
  [[nodiscard]] bool post(uint32_t shard, Commands commands) override;
  [[nodiscard]] bool post(uint32_t shard, QueryRequest request) override;
  // --- SystemDoor ---
  [[nodiscard]] const Pauses& pauses() const override { return pauses_; }
  [[nodiscard]] const std::vector<ApiKey>& keys() const override { return keys_; }
  [[nodiscard]] const std::vector<StoredSecret>& secrets() const override { return secrets_; }
  [[nodiscard]] bool post(SystemRequest request) override;
  // --- ReplyDoor ---
  void reply(Reply reply) override;
  // --- HttpHandler ---
  void on_request(HttpToken token, const HttpRequest& request) override;
  void on_writable(HttpToken token) override;
  void on_closed(HttpToken token) override;
  [[nodiscard]] HttpResponse refusal(const Error& why, std::string_view path) override;

  [[nodiscard]] bool draining() const { return draining_; }
  // Thread CPU time of each turn, in microseconds. Other threads may read it.
  [[nodiscard]] const Histogram& turn_cpu_us() const { return turn_cpu_us_; }

  // Which shard a partition belongs to is the data folder's to say.
  void set_partition_map(std::vector<uint32_t> shard_of_partition);

 private:
  void run_once();
  void begin_turn();
  [[nodiscard]] Duration oldest_wait() const;
  void drain_mailbox();
  void reap_attempts();
  void turn_shards();
  void take_system_table(SystemTable table);
  void confirm_system_table();
  void deliver_replies();
  void obey(ControlOrder order);
  [[nodiscard]] bool has_drained() const;  // and has not said so
  void report_drained();
  [[nodiscard]] WakeAt next_wake() const;

  // Sleeper
  [[nodiscard]] bool has_work() const override;
  [[nodiscard]] bool arm_wakeup() override;
  void disarm_wakeup() override;

  const uint32_t index_;
  ReactorParts parts_;
  SystemClock clock_;
  Now now_;
  std::vector<OwnedShard> shards_;
  std::vector<Shard*> local_;  // by shard index; null: another reactor's
  std::vector<uint32_t> shard_of_partition_;
  Pauses pauses_;
  std::vector<ApiKey> keys_;
  std::vector<StoredSecret> secrets_;
  bool unconfirmed_ = false;  // the table was posted, and not yet applied by every shard
  HttpHandler* handler_ = nullptr;
  RequestFront* front_ = nullptr;
  HttpServer* server_ = nullptr;
  std::unique_ptr<Listener> listener_;
  std::deque<Reply> replies_;        // to requests of this reactor, delivered after the turns
  std::vector<Message> messages_;    // scratch
  std::vector<AttemptEnded> ended_;  // scratch
  bool more_ = false;                // a shard has work left, or was posted to since its turn
  bool draining_ = false;
  bool reported_ = false;
  bool stopped_ = false;
  int64_t cpu_us_ = 0;  // thread CPU time at the end of the last turn
  Histogram turn_cpu_us_;
};

}  // namespace hourwheel
