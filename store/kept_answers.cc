#include "store/kept_answers.h"

#include "engine/limits.h"
#include "store/rows.h"

namespace hourwheel {

KeptAnswers::KeptAnswers(Database& database)
    : aged_(database, "kept_answer", "decided_ms", kAnswersKept),
      insert_(database, "INSERT OR REPLACE INTO kept_answer VALUES(NULL,?,?,?)"),
      find_(database, "SELECT answer FROM kept_answer WHERE scope = ?") {}

Status KeptAnswers::add(const KeptAnswer& answer) {
  row_.clear();
  seal_answer(answer, row_);
  const KeyBytes scope = scope_bytes(answer.key.scope);
  return insert_.run(Blob{scope}, answer.decided.ms, Blob{row_});
}

Result<std::unique_ptr<KeptAnswer>> KeptAnswers::find(const AnswerScope& scope) {
  const KeyBytes bytes = scope_bytes(scope);
  Rows rows = find_.rows(Blob{bytes});
  if (!rows.next()) {
    if (!rows.status()) return failure(rows.status().error());
    return std::unique_ptr<KeptAnswer>();
  }
  auto answer = unseal_answer(scope, rows.bytes(0));
  if (!answer) return failure(std::move(answer.error()));
  return std::make_unique<KeptAnswer>(std::move(*answer));
}

}  // namespace hourwheel
