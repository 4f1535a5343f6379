// The requests a server has taken and not yet finished, by token; and those that wait for the
// handler, oldest first, with their deadlines.
//
// A request's life: waiting (for its answer) -> answered; or waiting -> writing (a chunk) <->
// waiting (for the next) -> answered. The slot is free again when the server has let go of the
// request, which may be later: until then the bytes of the answer live here.
//
// Invariants
//   Q1  A token finds its slot only until it is answered; after the slot's release it never does
//       again (the generation moves on).
//   Q2  Exactly the waiting ones are in the queue. All deadlines are equally long, so the queue is
//       in order of deadline and expiry looks at its front only.
// Cost: O(1) each; memory is bounded by `capacity`. Thread: the reactor's.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/time.h"
#include "net/http.h"

struct st_h2o_generator_t;
struct st_h2o_req_t;

namespace hourwheel {

enum class RequestPhase : uint8_t { kFree, kWaiting, kWriting, kAnswered };
enum class AnswerForm : uint8_t { kWhole, kStream };

struct RequestSlot {
  static constexpr uint32_t kNone = UINT32_MAX;

  uint32_t index = 0;
  uint32_t generation = 1;
  RequestPhase phase = RequestPhase::kFree;
  AnswerForm form = AnswerForm::kWhole;
  st_h2o_req_t* request = nullptr;
  st_h2o_generator_t* generator = nullptr;  // of the request; lives and dies with it
  HttpResponse response;                    // what is being sent
  std::string chunk;                        // of a stream: what is being sent
  // Of a waiting one. Empty until the next expire(): requests arrive before the turn knows the
  // time.
  std::optional<Monotonic> deadline;
  uint32_t previous = kNone;  // in the queue
  uint32_t next = kNone;

  [[nodiscard]] HttpToken token() const { return {index, generation}; }
};

class RequestSlots {
 public:
  RequestSlots(uint32_t capacity, Duration deadline) : capacity_(capacity), deadline_(deadline) {}

  // A waiting slot for the request; null when all are taken. Addresses are stable.
  RequestSlot* take(st_h2o_req_t* request);
  void release(RequestSlot& slot);
  // Null for a token that is dead (H1).
  [[nodiscard]] RequestSlot* find(HttpToken token);
  [[nodiscard]] RequestSlot& at(uint32_t index) { return slots_[index]; }

  // To kWaiting with a new deadline (also from kWaiting), or out of it.
  void wait(RequestSlot& slot);
  void leave(RequestSlot& slot, RequestPhase phase);

  // The oldest waiting one whose deadline is reached; null if none. Gives deadlines to those that
  // came since the last call.
  RequestSlot* next_expired(Monotonic now);
  // The oldest waiting one; null if none.
  RequestSlot* oldest() { return head_ == RequestSlot::kNone ? nullptr : &slots_[head_]; }
  [[nodiscard]] std::optional<Monotonic> next_deadline() const;
  [[nodiscard]] uint32_t taken() const { return taken_; }

 private:
  const uint32_t capacity_;
  const Duration deadline_;
  std::deque<RequestSlot> slots_;
  std::vector<uint32_t> free_;
  uint32_t taken_ = 0;
  uint32_t head_ = RequestSlot::kNone;
  uint32_t tail_ = RequestSlot::kNone;
  uint32_t undated_ = RequestSlot::kNone;  // the first without a deadline; all behind it have none
};

}  // namespace hourwheel
