// The lines between threads: every reactor to every other, and the control thread to each. Requests
// and replies have rings of their own, and a request is only posted with a credit for its reply
// (M3), so no two full rings can lock each other.
//
// Thread: built before the threads start; then each method is for the reactor it names, or for the
// control thread where it says so.
#pragma once

#include <memory>
#include <variant>
#include <vector>

#include "engine/message.h"
#include "net/mailbox.h"
#include "net/tls_front.h"

namespace hourwheel {

struct ShardMail {
  uint32_t shard = 0;
  std::variant<Commands, QueryRequest> request;
};

enum class ControlOrder : uint8_t {
  kDrain,  // finish what is in flight and report
  kCut,    // end attempts still in flight now
  kStop,   // leave the loop
};

class Switchboard {
 public:
  // reactor_of[shard] says who owns a shard.
  static Result<std::unique_ptr<Switchboard>> create(uint32_t reactors,
                                                     std::vector<uint32_t> reactor_of);

  [[nodiscard]] uint32_t reactors() const { return reactors_; }
  [[nodiscard]] uint32_t reactor_of(uint32_t shard) const { return reactor_of_[shard]; }
  [[nodiscard]] uint32_t shards() const { return static_cast<uint32_t>(reactor_of_.size()); }
  [[nodiscard]] Doorbell& bell(uint32_t reactor) { return *bells_[reactor]; }
  [[nodiscard]] Doorbell& control_bell() { return *control_bell_; }

  // For reactor `self`. post: false without a credit. Neither rings: ring_rung() does, once a turn.
  [[nodiscard]] bool post(uint32_t self, ShardMail mail);
  void reply(uint32_t self, Reply reply);
  void ring_rung(uint32_t self);
  // What has come for `self`; nullopt: nothing more.
  std::optional<ShardMail> next_mail(uint32_t self);
  std::optional<Reply> next_reply(uint32_t self);
  [[nodiscard]] bool has_mail(uint32_t self) const;

  // Control thread -> reactor, and back.
  void order(uint32_t reactor, ControlOrder order);
  std::optional<ControlOrder> next_order(uint32_t self);
  // What new connections are served by from now on. tell: false while the reactor has not taken
  // those that it was told before.
  [[nodiscard]] bool tell_tls(uint32_t reactor, TlsContext context);
  std::optional<TlsContext> next_tls(uint32_t self);
  // What holds for all: a reactor asks for a change (false: without a credit), takes the tables it
  // is told and the answers, and confirms a table when nothing of its shards starts against it any
  // more.
  [[nodiscard]] bool ask_system(uint32_t self, SystemRequest request);
  std::optional<SystemTable> next_system_table(uint32_t self);
  void confirm_system_table(uint32_t self, uint64_t version);
  std::optional<Reply> next_system_answer(uint32_t self);
  void report_drained(uint32_t self);
  // Control thread: how many reports have come since the last call.
  uint32_t take_reports();
  // Control thread: what reactors ask, which table they confirm, and what they are told.
  std::optional<SystemRequest> take_system_request();
  std::optional<uint64_t> take_confirmation(uint32_t reactor);
  void tell_system_table(uint32_t reactor, SystemTable table);
  void answer_system(Reply reply);

 private:
  // From one reactor to another: its requests, and the replies to them coming back.
  struct Line {
    SpscRing<ShardMail> requests;
    SpscRing<Reply> replies;
    Credits credits;
    Line();
  };
  struct Orders {
    SpscRing<ControlOrder> orders;
    SpscRing<ControlOrder> reports;
    SpscRing<TlsContext> tls;
    SpscRing<SystemRequest> system_requests;
    SpscRing<Reply> system_answers;
    SpscRing<SystemTable> system_tables;
    SpscRing<uint64_t> confirmations;
    Credits system_credits;
    Orders();
  };

  Switchboard(uint32_t reactors, std::vector<uint32_t> reactor_of);
  Line& line(uint32_t from, uint32_t to) { return *lines_[from * reactors_ + to]; }
  [[nodiscard]] const Line& line(uint32_t from, uint32_t to) const {
    return *lines_[from * reactors_ + to];
  }

  const uint32_t reactors_;
  const std::vector<uint32_t> reactor_of_;
  std::vector<std::unique_ptr<Line>> lines_;      // [from * reactors + to]; none to oneself
  std::vector<std::unique_ptr<Orders>> orders_;   // [reactor]
  std::vector<std::unique_ptr<Doorbell>> bells_;  // [reactor]
  std::unique_ptr<Doorbell> control_bell_;
  std::vector<std::vector<bool>> rung_;  // [self][other]: has something new; each row is self's own
};

}  // namespace hourwheel
