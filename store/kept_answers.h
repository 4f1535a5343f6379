// The answers of a shard that are kept for requests sent again (engine/answer.h): found by scope,
// written with what they tell of, deleted when they are old.
//
// Cost: an answer is one insert at the end of a tree and one into an index of hashes, which touches
// a page of its own; so is a look. Thread: the store's.
#pragma once

#include <memory>
#include <string>

#include "engine/answer.h"
#include "store/aged_rows.h"

namespace hourwheel {

class KeptAnswers {
 public:
  explicit KeptAnswers(Database& database);

  Status load() { return aged_.load(); }

  // Within a transaction of the caller's. One that was kept under the scope before goes.
  Status add(const KeptAnswer& answer);
  // After it, when it is durable.
  void added(const KeptAnswer& answer) { aged_.added(answer.decided); }

  // null: none is kept. kCorrupt: there is one, which cannot be read.
  Result<std::unique_ptr<KeptAnswer>> find(const AnswerScope& scope);

  Result<bool> drop_some(Instant now) { return aged_.drop_some(now); }

 private:
  AgedRows aged_;
  std::string row_;  // scratch
  Statement insert_;
  Statement find_;
};

}  // namespace hourwheel
