// What a request says of its run: a task with `target.variables` writes {{name}} where each attempt
// fills in the value of that name.
//
//   run_id        "run-…" (C-7)
//   task_id       the task's id
//   due           the due instant, RFC 3339 with milliseconds, UTC
//   due_ms        the same in milliseconds since 1970
//   attempt       1, 2, 3 …
//   missed_count  how many earlier due instants this run stands for (C-11)
//
// "{{", anything but a letter or "_" and so on stand as they are: only "{{" letters "}}", with
// spaces allowed around the name, is a variable.
// Invariants
//   VA1  A text that check_variables() accepts is filled without an error, whatever the run.
//   VA2  A value is written by the rules of its place: it cannot end a string, a line or a segment.
// Cost: one pass over the text. Thread: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "engine/base/ids.h"
#include "engine/base/result.h"
#include "engine/base/time.h"

namespace hourwheel {

struct RunVariables {
  std::string run_id;
  std::string task_id;
  Instant due;
  uint32_t attempt = 1;
  uint64_t missed_count = 0;
};

// Where a value is put in.
enum class ValuePlace : uint8_t {
  kUrl,     // all but letters, digits and -._~ is percent-encoded
  kHeader,  // what is not visible ASCII, and "%", is percent-encoded
  kJson,    // as within a JSON string
  kPlain,   // as it is
};

// kValidationFailed without a pointer: a name that is no variable's, more than kMaxVariables.
Status check_variables(std::string_view text);
[[nodiscard]] bool has_variables(std::string_view text);
// Requires: check_variables() accepts the text.
std::string fill_in(std::string_view text, const RunVariables& values, ValuePlace place);

// Percent-encoded but for visible ASCII without "%" and what `also` names.
std::string visible_text(std::string_view text, std::string_view also = {});

}  // namespace hourwheel
