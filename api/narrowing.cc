#include "api/narrowing.h"

#include <algorithm>

#include "engine/base/check.h"
#include "engine/base/overloaded.h"

namespace hourwheel {
namespace {

void ask_for(const Selection& selection, std::vector<NamedText>& labels) {
  labels.insert(labels.end(), selection.begin(), selection.end());
}

// The same for what is outside, cannot be read and is not there.
tl::unexpected<Error> not_within() {
  return failure(ErrorCode::kNotFound, "", "nothing that the API key reaches has this id");
}

// SL3: of a task that is gone nobody knows the labels any more.
bool may_be_told(const SeenChange& change, const Selection& selection) {
  switch (change.kind) {
    case SeenKind::kCreated:
    case SeenKind::kUpdated:
      return is_within(change.task.spec.labels, selection);
    case SeenKind::kRemoved:
    case SeenKind::kRecord:
      return false;
  }
  HW_CHECK(false, "every kind of change has its case");
}

// The answer may be told, once it is narrowed. Of many tasks it was asked for with the labels; rows
// of one task's runs are told with the task, which is asked for as well; what is recalled, and the
// last runs of a task, are of changes that the key itself has made.
bool is_to_be_told(QueryAnswer& answer, const Selection& selection) {
  return std::visit(
      Overloaded{
          [&](const StoredTask& task) { return is_within(task.spec.labels, selection); },
          [&](const RunsFound& found) { return is_within(found.task.spec.labels, selection); },
          [&](ChangesSeen& seen) {
            std::erase_if(seen.changes, [&selection](const SeenChange& change) {
              return !may_be_told(change, selection);
            });
            return true;
          },
          [](const TaskPage&) { return true; }, [](const DeadPage&) { return true; },
          [](const RecordPage&) { return true; }, [](const RunPage&) { return true; },
          [](const Recalled&) { return true; }, [](const LastRuns&) { return true; },
          // Of the server: no route of these is within a selection.
          [](const BackupDone&) { return false; }, [](const PausesChanged&) { return false; },
          [](const KeysChanged&) { return false; }, [](const SecretChanged&) { return false; },
          [](const AuditPage&) { return false; }, [](const AuditVerdict&) { return false; },
          [](const DrainBegun&) { return false; }, [](const BackupTold&) { return false; },
          [](const BreakerPage&) { return false; }},
      answer);
}

}  // namespace

Sought narrow(Query& query, const Selection& selection) {
  HW_CHECK(!selection.empty(), "only narrowed keys are narrowed");
  return std::visit(Overloaded{[](const GetTask&) { return Sought::kOneTask; },
                               [](const ListRuns&) { return Sought::kOneTask; },
                               [](const GetRun&) { return Sought::kOneTask; },
                               [](const RunsAround&) { return Sought::kOneTask; },
                               [](const CountLastRuns&) { return Sought::kOneTask; },
                               [](const Recall&) { return Sought::kOneTask; },
                               [&](ListTasks& list) {
                                 ask_for(selection, list.filter.labels);
                                 return Sought::kMany;
                               },
                               [&](ListDead& list) {
                                 ask_for(selection, list.filter.labels);
                                 return Sought::kLetters;
                               },
                               [&](TallyDead& tally) {
                                 ask_for(selection, tally.filter.labels);
                                 return Sought::kLetters;
                               },
                               [&](ListRecords& list) {
                                 ask_for(selection, list.filter.run.labels);
                                 return Sought::kMany;
                               },
                               [](const FollowChanges&) { return Sought::kMany; },
                               [](const Backup&) { return Sought::kMany; },
                               [](const ListBreakers&) { return Sought::kMany; },
                               [](const ListAudit&) { return Sought::kMany; },
                               [](const VerifyAudit&) { return Sought::kMany; }},
                    query);
}

void narrow(Result<QueryAnswer>& answer, Sought sought, const Selection& selection) {
  if (answer) {
    if (!is_to_be_told(*answer, selection)) answer = not_within();
    return;
  }
  const bool absent = answer.error().code == ErrorCode::kNotFound;
  const bool damaged = answer.error().code == ErrorCode::kCorrupt;
  // That a task is not there must look as if nothing of it was found. Damage that keeps a list of
  // letters from being read is of the file, and no task's: it is not passed over (C-23).
  if (sought == Sought::kLetters && absent) answer = QueryAnswer(DeadPage{});
  if (sought == Sought::kOneTask && (absent || damaged)) answer = not_within();
}

}  // namespace hourwheel
