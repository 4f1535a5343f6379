#include "engine/system_desk.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"

namespace hourwheel {
namespace {

template <class Told>
Result<QueryAnswer> answer_of(Result<Told> told) {
  if (!told) return failure(std::move(told.error()));
  return QueryAnswer(std::move(*told));
}

}  // namespace

SystemDesk::SystemDesk(Books books, AuditFile& audit, size_t places)
    : books_(std::move(books)), audit_(audit), confirmed_(places, 1) {}

SystemTable SystemDesk::table() const {
  return {{version_, books_.pauses.pauses()}, books_.keys.keys(), books_.secrets.secrets()};
}

std::optional<SystemTable> SystemDesk::turn(Instant now, ReplyDoor& door) {
  if (asked_.empty() || !all_confirmed()) return std::nullopt;  // Q3
  HW_CHECK(held_.empty(), "Q2 what all have confirmed is answered");
  while (!asked_.empty()) {
    SystemRequest request = std::move(asked_.front());
    asked_.pop_front();
    std::visit([&](auto& one) { carry_out(one, now, door); }, request);
  }
  const bool pauses_changed = books_.pauses.take_changed();
  const bool secrets_changed = books_.secrets.take_changed();
  if (!books_.keys.take_changed() && !pauses_changed && !secrets_changed) {
    answer_held(door);  // there was nothing to change
    return std::nullopt;
  }
  ++version_;
  SystemTable next = table();
  if (!secrets_changed) next.secrets.reset();
  return next;
}

void SystemDesk::carry_out(PauseRequest& request, Instant now, ReplyDoor& door) {
  settle(request.token, books_.pauses.carry_out(request, now), door);
}

void SystemDesk::carry_out(KeyRequest& request, Instant now, ReplyDoor& door) {
  settle(request.token, books_.keys.carry_out(request, now), door);
}

void SystemDesk::carry_out(SecretRequest& request, Instant now, ReplyDoor& door) {
  settle(request.token, books_.secrets.carry_out(request, now), door);
}

// Changes nothing, so that nobody's confirmation is waited for.
void SystemDesk::carry_out(AuditRequest& request, Instant /*now*/, ReplyDoor& door) {
  const auto* list = std::get_if<ListAudit>(&request.query);
  door.reply({request.token, list != nullptr
                                 ? answer_of(audit_.list(*list))
                                 : answer_of(audit_.verify(std::get<VerifyAudit>(request.query)))});
}

// The shards are asked by whoever asked for it, once it is told.
void SystemDesk::carry_out(BackupRequest& request, Instant now, ReplyDoor& door) {
  AuditEntry entry;
  entry.at = now;
  entry.actor = std::move(request.actor);
  entry.action = AuditAction::kBackup;
  entry.note = std::move(request.path);
  Status kept = audit_.keep(entry);
  door.reply({request.token, kept ? Result<QueryAnswer>(BackupTold{})
                                  : Result<QueryAnswer>(failure(std::move(kept.error())))});
}

// No place has to confirm it either: each is ordered to stop by whoever owns the desk.
void SystemDesk::carry_out(DrainRequest& request, Instant now, ReplyDoor& door) {
  AuditEntry entry;
  entry.at = now;
  entry.actor = std::move(request.actor);
  entry.action = AuditAction::kDrain;
  if (Status kept = audit_.keep(entry); !kept) {
    door.reply({request.token, Result<QueryAnswer>(failure(std::move(kept.error())))});
    return;
  }
  drain_ = true;
  door.reply({request.token, Result<QueryAnswer>(DrainBegun{})});
}

template <class Changed>
void SystemDesk::settle(const RequestToken& token, Result<Changed> done, ReplyDoor& door) {
  if (!done) {
    door.reply({token, Result<QueryAnswer>(failure(std::move(done.error())))});
    return;
  }
  Reply& reply = held_.emplace_back();
  reply.token = token;
  reply.body.emplace<Result<QueryAnswer>>(QueryAnswer(std::move(*done)));
}

void SystemDesk::confirmed(size_t place, uint64_t version, ReplyDoor& door) {
  confirmed_[place] = std::max(confirmed_[place], version);
  if (all_confirmed()) answer_held(door);  // Q2
}

void SystemDesk::answer_held(ReplyDoor& door) {
  for (Reply& reply : held_) door.reply(std::move(reply));
  held_.clear();
}

bool SystemDesk::all_confirmed() const {
  return std::all_of(confirmed_.begin(), confirmed_.end(),
                     [this](uint64_t version) { return version == version_; });
}

}  // namespace hourwheel
