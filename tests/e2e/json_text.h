// Finds members and elements in the JSON of our own answers: enough for tests, which know what they
// look for. It does not check that the text is valid; the API's own tests do.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hourwheel {

// The value of a member of this object as it is written, strings without their quotes; empty when
// the object has no such member. Members of members are not looked at.
std::string member(std::string_view object, std::string_view name);
int64_t number_member(std::string_view object, std::string_view name);
// The elements of this array as they are written.
std::vector<std::string> elements(std::string_view array);
std::string in_quotes(std::string_view text);

}  // namespace hourwheel
