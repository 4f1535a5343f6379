// Refusals as problem+json (RFC 9457). The one place that turns an ErrorCode into a status, a title
// and the code text clients switch on.
//
// Invariants
//   P1  Every ErrorCode has a status, a code and a title; the same code text never changes.
// Thread: pure functions, any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/json_reader.h"
#include "api/json_writer.h"
#include "api/shape.h"
#include "engine/base/result.h"
#include "net/http.h"

namespace hourwheel {

struct ProblemFacts {
  int status = 500;
  std::string_view code;
  std::string_view title;
};
const ProblemFacts& problem_facts(ErrorCode code);
// How many codes there are; docs/guide/problems.md has a line for each.
size_t problem_count();

// One offending member of a body or of a query.
struct FieldError {
  ErrorCode kind = ErrorCode::kValidationFailed;  // what the whole refusal is if this one is first
  std::string pointer;                            // "/retry/max_attempts"
  std::string_view code;                          // a literal: "out-of-range"
  std::string detail;
};

// Collects what is wrong with a body, so that a client learns of all of it at once.
class FieldErrors {
 public:
  void add(const JsonValue& value, std::string_view code, std::string detail);
  void add(FieldError error);
  // A refusal of the engine about this value; its code text is that of the whole refusal.
  void add(const JsonValue& value, const Error& error);

  [[nodiscard]] bool empty() const { return errors_.empty(); }
  [[nodiscard]] std::vector<FieldError> take() { return std::move(errors_); }

 private:
  // Enough for a person; a hostile body could have thousands.
  static constexpr size_t kMaxErrors = 20;
  std::vector<FieldError> errors_;
};

struct Problem {
  ErrorCode code = ErrorCode::kInternal;
  std::string detail;
  std::vector<FieldError> errors;
};
Problem problem_of(Error error);
// Requires: there are errors. The first one gives the code and the detail.
Problem problem_of(FieldErrors errors);

// Where and in which shape a problem is told.
struct ProblemPlace {
  Shape shape = Shape::kV1;
  std::string_view instance;    // the request's path
  std::string_view request_id;  // empty within a batch
  uint32_t retry_after_s = 1;   // where trying again later makes sense
};
void write_problem(JsonWriter& json, const Problem& problem, const ProblemPlace& place);
// With Retry-After where trying again later makes sense.
HttpResponse problem_response(const Problem& problem, const ProblemPlace& place);

}  // namespace hourwheel
