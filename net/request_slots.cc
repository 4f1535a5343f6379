#include "net/request_slots.h"

#include "engine/base/check.h"

namespace hourwheel {

RequestSlot* RequestSlots::take(st_h2o_req_t* request) {
  if (free_.empty()) {
    if (slots_.size() == capacity_) return nullptr;
    uint32_t index = static_cast<uint32_t>(slots_.size());
    slots_.emplace_back().index = index;
    free_.push_back(index);
  }
  RequestSlot& slot = slots_[free_.back()];
  free_.pop_back();
  ++taken_;
  slot.request = request;
  slot.form = AnswerForm::kWhole;
  wait(slot);
  return &slot;
}

void RequestSlots::release(RequestSlot& slot) {
  HW_CHECK(slot.phase != RequestPhase::kFree, "Q1 a slot is released once");
  leave(slot, RequestPhase::kFree);
  ++slot.generation;
  slot.request = nullptr;
  slot.generator = nullptr;
  slot.response = HttpResponse{};
  slot.chunk = std::string();
  free_.push_back(slot.index);
  --taken_;
}

RequestSlot* RequestSlots::find(HttpToken token) {
  if (token.slot >= slots_.size()) return nullptr;
  RequestSlot& slot = slots_[token.slot];
  bool live = slot.phase == RequestPhase::kWaiting || slot.phase == RequestPhase::kWriting;
  return live && slot.generation == token.generation ? &slot : nullptr;
}

void RequestSlots::wait(RequestSlot& slot) {
  leave(slot, RequestPhase::kWaiting);
  slot.deadline.reset();
  slot.previous = tail_;
  slot.next = RequestSlot::kNone;
  (tail_ == RequestSlot::kNone ? head_ : slots_[tail_].next) = slot.index;
  tail_ = slot.index;
  if (undated_ == RequestSlot::kNone) undated_ = slot.index;
}

void RequestSlots::leave(RequestSlot& slot, RequestPhase phase) {
  if (slot.phase == RequestPhase::kWaiting) {
    if (undated_ == slot.index) undated_ = slot.next;
    (slot.previous == RequestSlot::kNone ? head_ : slots_[slot.previous].next) = slot.next;
    (slot.next == RequestSlot::kNone ? tail_ : slots_[slot.next].previous) = slot.previous;
  }
  slot.phase = phase;
}

RequestSlot* RequestSlots::next_expired(Monotonic now) {
  for (; undated_ != RequestSlot::kNone; undated_ = slots_[undated_].next) {
    slots_[undated_].deadline = now + deadline_;
  }
  RequestSlot* front = oldest();
  return front != nullptr && *front->deadline <= now ? front : nullptr;
}

std::optional<Monotonic> RequestSlots::next_deadline() const {
  return head_ == RequestSlot::kNone ? std::nullopt : slots_[head_].deadline;
}

}  // namespace hourwheel
