// What a server answered, as text for a terminal: members, refusals, and the exit codes of the
// verbs.
#pragma once

#include <string>
#include <string_view>
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

// What a stored text could do to a terminal, or to a table, becomes blanks.
void blank_controls(std::string& text);

// One member as a line of text without control characters; "-" when it is absent or null. An error
// reads "code: message"; "last_run.state" is a member of a member.
std::string text_at(const JsonValue& object, std::string_view path);

std::vector<JsonValue> members_of(const JsonValue& page, const char* list);

// Of the page that follows; empty: none does.
std::string next_page_token(const JsonValue& page);

// A refusal as "code: detail", with the members it names, what one may do about it and the id of
// the request, to standard error; the exit code.
int print_problem(const ApiAnswer& answer);

}  // namespace hourwheel
