// What a server answered, as text for a terminal: tables, refusals, and the exit codes of the
// verbs.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "api/json_reader.h"
#include "tools/hourwheel/api_client.h"

namespace hourwheel {

enum ExitCode {
  kOk = 0,
  kFailure = 1,
  kUsage = 2,
  kNotFound = 3,
  kRefused = 4,  // no key, or one that may not
  kConflict = 5,
  kUnreachable = 6,
  kRunFailed = 7  // one that was waited for
};

// An id is never cut, because people paste it; prose is.
enum class Cut : uint8_t { kNever, kLong };

struct Column {
  const char* title;
  const char* member;
  Cut cut = Cut::kNever;
};

// One member as a line of text without control characters; "-" when it is absent or null. An error
// reads "code: message".
std::string cell_text(const JsonValue& row, const Column& column);
std::vector<std::string> cells_of(const JsonValue& row, std::span<const Column> columns);
void print_table(const std::vector<std::vector<std::string>>& rows,
                 std::span<const Column> columns);

std::vector<JsonValue> members_of(const JsonValue& page, const char* list);

// A refusal as "code: detail", with the members it names, to standard error; the exit code.
int print_problem(const ApiAnswer& answer);

}  // namespace hourwheel
