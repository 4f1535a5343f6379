#include "engine/group_commit.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "engine/limits.h"

namespace hourwheel {
namespace {

std::unique_ptr<Batch> new_batch(uint64_t sequence) {
  auto batch = std::make_unique<Batch>();
  batch->sequence = sequence;
  return batch;
}

}  // namespace

GroupCommit::GroupCommit(const RecoveredShard& recovered)
    : open_(new_batch(1)),
      counter_(recovered.counter),
      mark_durable_(recovered.send_mark),
      mark_asked_(recovered.send_mark) {}

bool GroupCommit::full() const {
  return changes() >= most_changes_ || open_->bytes >= kMaxBatchBytes;
}

bool GroupCommit::overfull() const {
  return changes() >= kMaxBatchesHeld * most_changes_ ||
         open_->bytes >= kMaxBatchesHeld * kMaxBatchBytes;
}

bool GroupCommit::empty() const {
  return open_->tasks.empty() && open_->records.empty() && open_->answers.empty() &&
         !open_->send_mark;
}

bool GroupCommit::gathers() {
  if (in_flight_ || full() || turns_gathered_ == kMaxTurnsGathered) return false;
  const size_t size = open_->tasks.size() + open_->records.size() + open_->answers.size();
  const bool grown = size > std::exchange(seen_, size);
  if (grown) ++turns_gathered_;
  return grown;
}

std::unique_ptr<Batch> GroupCommit::take() {
  if (in_flight_ || empty()) return nullptr;
  in_flight_ = true;
  turns_gathered_ = 0;
  seen_ = 0;
  open_->counter = counter_;
  auto next = new_batch(open_->sequence + 1);
  return std::exchange(open_, std::move(next));
}

void GroupCommit::completed(const Batch& batch) {
  HW_CHECK(in_flight_ && batch.sequence == durable_ + 1, "G1 batches become durable in order");
  in_flight_ = false;
  durable_ = batch.sequence;
  if (batch.send_mark) mark_durable_ = *batch.send_mark;
}

void GroupCommit::answer(uint64_t after, Reply reply, ReplyDoor& door) {
  if (after <= durable_) {
    door.reply(std::move(reply));
    return;
  }
  HW_CHECK(after <= sequence(), "G2 a reply rests on a batch that exists");
  // Replies are decided in order, but one that took long to decide may rest on an older batch.
  held_.emplace(after, std::move(reply));
}

void GroupCommit::release_replies(ReplyDoor& door) {
  while (!held_.empty() && held_.begin()->first <= durable_) {
    door.reply(std::move(held_.begin()->second));
    held_.erase(held_.begin());
  }
}

void GroupCommit::give_up_waiting(const Error& why, ReplyDoor& door) {
  for (auto& [after, reply] : std::exchange(held_, {})) {
    auto* outcomes = std::get_if<std::vector<CommandOutcome>>(&reply.body);
    HW_CHECK(outcomes != nullptr, "G2 only what changes something waits for a batch");
    std::vector<CommandOutcome> told;
    told.reserve(outcomes->size());
    for (CommandOutcome& outcome : *outcomes) {
      const bool says_so = !outcome && outcome.error().code == why.code;
      told.push_back(says_so ? std::move(outcome) : tl::unexpected<Error>(why));
    }
    *outcomes = std::move(told);
    door.reply(std::move(reply));
  }
}

void GroupCommit::move_send_mark(Instant mark) {
  HW_CHECK(mark >= mark_asked_, "the send mark only moves forward while anything may be sent");
  mark_asked_ = mark;
  open_->send_mark = mark;
}

void GroupCommit::settle_send_mark(Instant mark) {
  mark_asked_ = mark;
  open_->send_mark = mark;
}

}  // namespace hourwheel
