// The one place that changes what holds for all shards and reactors at once (global pauses, API
// keys, secrets): writes the change, has it told to everybody, and answers when all of them have
// confirmed.
//
//   Q1  A change is told only when it is durable, so that what holds now also holds after a crash.
//   Q2  An answer leaves only when every place has confirmed a table that has the change: no
//       attempt of a selected task starts after the acknowledgement of a pause (S7), and no request
//       is taken with a key after the acknowledgement that it is revoked; an attempt that starts
//       after the acknowledgement of a secret has that value of it.
//   Q3  One table is under way at a time; what is asked meanwhile goes with the next.
// Thread: one; it may block for a flush.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "engine/key_book.h"
#include "engine/message.h"
#include "engine/pause_book.h"
#include "engine/ports.h"
#include "engine/secret_book.h"

namespace hourwheel {

class SystemDesk {
 public:
  struct Books {
    PauseBook pauses;
    KeyBook keys;
    SecretBook secrets;
  };
  // Each of the `places` confirms every table. The table of version 1 is what they begin with.
  SystemDesk(Books books, AuditFile& audit, size_t places);

  [[nodiscard]] SystemTable table() const;

  void ask(SystemRequest request) { asked_.push_back(std::move(request)); }
  // Carries out what was asked, if no table is under way; the table that all places must get now,
  // if there is one. Refusals are answered at once.
  std::optional<SystemTable> turn(Instant now, ReplyDoor& door);
  void confirmed(size_t place, uint64_t version, ReplyDoor& door);
  // Somebody has asked since the last call, and been told so, that the server stop (C-26).
  [[nodiscard]] bool take_drain() { return std::exchange(drain_, false); }
  [[nodiscard]] bool idle() const { return asked_.empty() && held_.empty(); }

 private:
  void carry_out(PauseRequest& request, Instant now, ReplyDoor& door);
  void carry_out(KeyRequest& request, Instant now, ReplyDoor& door);
  void carry_out(SecretRequest& request, Instant now, ReplyDoor& door);
  void carry_out(AuditRequest& request, Instant now, ReplyDoor& door);
  void carry_out(DrainRequest& request, Instant now, ReplyDoor& door);
  void carry_out(BackupRequest& request, Instant now, ReplyDoor& door);
  template <class Changed>
  void settle(const RequestToken& token, Result<Changed> done, ReplyDoor& door);
  [[nodiscard]] bool all_confirmed() const;
  void answer_held(ReplyDoor& door);

  Books books_;
  AuditFile& audit_;
  uint64_t version_ = 1;
  std::vector<uint64_t> confirmed_;  // by place
  std::deque<SystemRequest> asked_;  // bounded by the credits of those who ask
  std::vector<Reply> held_;          // rest on version_
  bool drain_ = false;
};

}  // namespace hourwheel
