// A merge patch (RFC 7396) of tasks' definitions: read once, then put on any number of them.
//
//   DP1  What a task comes to is read as a whole task is, so that no patch makes what a PUT would
//        not.
//   DP2  Its id stays, and unless the patch names the schedule or the type, so does its schedule:
//        read anew, that could come to other instants.
// Cost: a definition written and read again. Thread: any, one at a time.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "api/json_reader.h"
#include "api/problem.h"
#include "api/task_json.h"
#include "engine/message.h"

namespace hourwheel {

// Text that a JsonReader can parse.
class PaddedText {
 public:
  explicit PaddedText(std::string text);
  [[nodiscard]] std::string_view view() const { return std::string_view(text_).substr(0, size_); }

 private:
  std::string text_;
  size_t size_;
};

class DefinitionPatch {
 public:
  // Requires: text that was read before, and is an object.
  explicit DefinitionPatch(std::string_view text, Unknown unknown = Unknown::kRefuse);
  DefinitionPatch(const DefinitionPatch&) = delete;
  DefinitionPatch& operator=(const DefinitionPatch&) = delete;

  [[nodiscard]] size_t bytes() const { return text_.view().size(); }
  // Makes `change` the one of this task, if it still is at the version that was read. `around`: as
  // for a task in a body, without `keeps`. Otherwise why the task cannot be changed so; not because
  // its pause is over, if the change has a refusal already.
  [[nodiscard]] std::optional<Problem> put_on(const StoredTask& task, TaskReading around,
                                              Command& change);

 private:
  Result<std::string> merged(const TaskSpec& spec);

  const Unknown unknown_;
  PaddedText text_;
  JsonReader reader_;
  std::optional<JsonValue> patch_;
  JsonReader definitions_;  // scratch
  JsonReader results_;      // scratch
};

// What no patch can say, whatever the task. The rest is refused, if at all, with the task that it
// comes to.
void refuse_unpatchable(const JsonValue& patch, FieldErrors& errors);

}  // namespace hourwheel
