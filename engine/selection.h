// What a narrowed API key reaches: the tasks that carry some labels, and their runs.
//
//   SL1  Whatever a narrowed key asks, a task outside its selection is as if it were not there, but
//        for its id, which is taken.
//   SL2  A narrowed key makes no task outside its selection, and takes none out of it.
//   SL3  Outside is also what nobody can tell: a task whose definition is damaged, or is gone.
// Changes are held to it by the task's shard, when it decides them (shard_selection.cc); what is
// asked and told, by whoever posts the question (api/narrowing.h).
// Cost: a comparison for each label. Thread: pure functions.
#pragma once

#include <algorithm>
#include <vector>

#include "engine/base/result.h"
#include "engine/task.h"

namespace hourwheel {

using Selection = std::vector<NamedText>;  // all must be there, sorted by key

inline bool is_within(const std::vector<NamedText>& labels, const Selection& selection) {
  return std::all_of(selection.begin(), selection.end(), [&labels](const NamedText& label) {
    return std::find(labels.begin(), labels.end(), label) != labels.end();
  });
}

// SL2, of a definition that is to be stored: kForbidden.
inline Status check_within(const std::vector<NamedText>& labels, const Selection& selection) {
  if (is_within(labels, selection)) return {};
  return failure(ErrorCode::kForbidden, "/labels",
                 "the API key is narrowed to tasks with certain labels, which this one lacks");
}

}  // namespace hourwheel
