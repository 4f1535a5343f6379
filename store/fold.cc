#include "store/fold.h"

#include <algorithm>

namespace hourwheel {

Fold::Fold(TaskTables& tables, Overlay& overlay, FreshTasks& fresh, RunLog& log,
           const FoldLimits& limits)
    : tables_(tables), overlay_(overlay), fresh_(fresh), log_(log), limits_(limits) {}

bool Fold::wanted(Instant now) {
  if (stage_ != Stage::kIdle) return true;
  if (empty()) {
    waiting_since_.reset();
    return false;
  }
  if (!waiting_since_) waiting_since_ = now;
  return overlay_.size() >= limits_.tasks || fresh_.size() >= limits_.fresh ||
         log_.last_seq() - fold_seq_ >= limits_.rows || now - *waiting_since_ >= limits_.age ||
         now < *waiting_since_;  // the clock was set back
}

bool Fold::pressing() const {
  return overlay_.size() >= limits_.pressing * limits_.tasks ||
         fresh_.size() >= limits_.pressing * limits_.fresh ||
         log_.last_seq() - fold_seq_ >= limits_.pressing * limits_.rows;
}

bool Fold::empty() const {
  return stage_ == Stage::kIdle && overlay_.size() == 0 && fresh_.size() == 0 &&
         log_.last_seq() == fold_seq_;
}

void Fold::begin_round() {
  round_seq_ = log_.last_seq();
  round_ = overlay_.numbers_ascending();
  done_ = 0;
  log_.begin_round();
  fresh_.begin_round();
  waiting_since_.reset();
  stage_ = Stage::kStates;
  next_stage();
}

// Passes over stages that have nothing to do.
void Fold::next_stage() {
  if (stage_ == Stage::kStates && done_ == round_.size()) stage_ = Stage::kIndex;
  if (stage_ == Stage::kIndex && log_.round_done()) stage_ = Stage::kFresh;
  if (stage_ == Stage::kFresh && fresh_.round_done()) stage_ = Stage::kFinish;
}

Status Fold::step(size_t states, size_t rows) {
  if (stage_ == Stage::kIdle) begin_round();
  taken_ = 0;
  left_places_.clear();
  switch (stage_) {
    case Stage::kIdle:
      return {};
    case Stage::kStates:
      return fold_states(states);
    case Stage::kIndex: {
      auto taken = log_.index_some(rows);
      if (!taken) return failure(std::move(taken.error()));
      taken_ = *taken;
      return {};
    }
    case Stage::kFresh:
      return fold_fresh(rows);
    case Stage::kFinish:
      return finish();
  }
  return {};
}

Status Fold::fold_states(size_t budget) {
  taken_ = std::min(budget, round_.size() - done_);
  for (size_t i = done_; i < done_ + taken_; i++) {
    const Overlay::Entry* entry = overlay_.find(round_[i]);
    if (entry == nullptr) continue;  // removed since the round began
    auto left = tables_.put_state(entry->number, entry->key, *entry->state);
    if (!left) return failure(std::move(left.error()));
    if (*left) left_places_.push_back(**left);
  }
  return {};
}

Status Fold::fold_fresh(size_t budget) {
  places_.clear();
  taken_ = fresh_.peek(budget, places_);
  for (const DuePlace& place : places_) {
    if (Status added = tables_.add_due(place); !added) return added;
  }
  return {};
}

Status Fold::finish() {
  Status saved = log_.save_pieces();
  if (saved) saved = tables_.set_figure("fold_seq", static_cast<int64_t>(round_seq_));
  if (!saved) return saved;
  return tables_.set_figure("fold_number", static_cast<int64_t>(fresh_.round_highest().value));
}

void Fold::committed() {
  switch (stage_) {
    case Stage::kIdle:
      return;
    case Stage::kStates:
      for (size_t i = done_; i < done_ + taken_; i++) overlay_.erase(round_[i]);
      for (const DuePlace& place : left_places_) fresh_.drop(place);
      done_ += taken_;
      break;
    case Stage::kIndex:
      log_.folded(taken_);
      break;
    case Stage::kFresh:
      fresh_.folded(taken_);
      break;
    case Stage::kFinish:
      fold_seq_ = round_seq_;
      stage_ = Stage::kIdle;
      return;
  }
  taken_ = 0;
  next_stage();
}

void Fold::rolled_back() {
  taken_ = 0;
  left_places_.clear();
}

}  // namespace hourwheel
