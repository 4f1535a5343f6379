// C++ source as the rules want to see it: identifiers and punctuation in order, with comments,
// strings and preprocessor lines set apart. Not a parser: no rule needs one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hourwheel {

struct Token {
  std::string_view text;
  int line = 0;
  bool is_word = false;  // an identifier or keyword
};

struct Include {
  std::string_view name;  // between the quotes or angle brackets
  int line = 0;
  bool is_ours = false;  // written with quotes
};

// The views point into the text it was read from.
struct SourceText {
  std::vector<Token> tokens;
  std::vector<Include> includes;
  std::vector<Token> comments;
  int lines = 0;
};

SourceText read_source(std::string_view text);

}  // namespace hourwheel
