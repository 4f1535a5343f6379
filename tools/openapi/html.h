// Pieces of a page. Whatever is given as text is escaped; what is called inner is HTML already.
// Thread: pure functions.
#pragma once

#include <string>
#include <string_view>

namespace hourwheel {

// Fit for the text of an element and for the value of an attribute in double quotes.
std::string escaped(std::string_view text);
// <tag>inner</tag>
std::string element(std::string_view tag, const std::string& inner);
std::string code(std::string_view text);
// A link within the page.
std::string link_to(std::string_view anchor, const std::string& inner);
// A heading that is its own anchor.
std::string heading(std::string_view tag, std::string_view anchor, const std::string& inner);
// Words in `backquotes` are code.
std::string sentence(std::string_view text);
// The same by paragraphs, with empty lines between them.
std::string prose(std::string_view text);

}  // namespace hourwheel
