#include "tests/tidy/source_text.h"

#include <algorithm>

namespace hourwheel {
namespace {

bool is_word_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  SourceText read() {
    while (at_ < text_.size()) {
      step();
    }
    source_.lines = line_ - 1;
    return std::move(source_);
  }

 private:
  [[nodiscard]] bool sees(std::string_view what) const {
    return text_.substr(at_, what.size()) == what;
  }

  // Moves to `end` (or the end of the text) and returns what lies between.
  std::string_view advance_to(size_t end) {
    end = std::min(end, text_.size());
    std::string_view passed = text_.substr(at_, end - at_);
    line_ += static_cast<int>(std::count(passed.begin(), passed.end(), '\n'));
    at_ = end;
    return passed;
  }

  void step() {
    char c = text_[at_];
    if (c == '\n') {
      end_macro_line();
      line_starts_ = true;
      advance_to(at_ + 1);
    } else if (c == ' ' || c == '\t' || c == '\\') {
      ++at_;
    } else if (sees("//")) {
      take_comment(text_.find('\n', at_));
    } else if (sees("/*")) {
      size_t end = text_.find("*/", at_ + 2);
      take_comment(end == std::string_view::npos ? end : end + 2);
    } else if (c == '#' && line_starts_) {
      take_directive();
    } else {
      line_starts_ = false;
      take_token();
    }
  }

  // A macro goes on after a backslash at the end of its line.
  void end_macro_line() {
    if (in_macro_ && text_[at_ - 1] != '\\') {
      in_macro_ = false;
      end_statement();
    }
  }

  void take_comment(size_t end) {
    int line = line_;
    source_.comments.push_back({advance_to(end), line, false});
  }

  // An #include is noted; the text of a macro is read as code, set apart by semicolons; other
  // directives are passed over.
  void take_directive() {
    line_starts_ = false;
    constexpr std::string_view kInclude = "#include ";
    constexpr std::string_view kDefine = "#define ";
    if (sees(kDefine)) {
      in_macro_ = true;
      end_statement();
      advance_to(text_.find_first_of(" (\n", at_ + kDefine.size()));
    } else if (sees(kInclude)) {
      int line = line_;
      note_include(advance_to(text_.find('\n', at_)).substr(kInclude.size()), line);
    } else {
      advance_to(text_.find('\n', at_));
    }
  }

  void note_include(std::string_view rest, int line) {
    if (rest.empty() || (rest.front() != '"' && rest.front() != '<')) {
      return;
    }
    bool ours = rest.front() == '"';
    size_t end = rest.find(ours ? '"' : '>', 1);
    if (end != std::string_view::npos) {
      source_.includes.push_back({rest.substr(1, end - 1), line, ours});
    }
  }

  void end_statement() { source_.tokens.push_back({";", line_, false}); }

  void take_token() {
    char c = text_[at_];
    if (sees("R\"")) {
      take_raw_string();
    } else if (is_word_start(c)) {
      size_t end = at_;
      while (end < text_.size() && (is_word_start(text_[end]) || is_digit(text_[end]))) {
        ++end;
      }
      source_.tokens.push_back({advance_to(end), line_, true});
    } else if (is_digit(c)) {
      take_number();
    } else if (c == '"' || c == '\'') {
      take_quoted(c);
    } else {
      size_t size = sees("::") || sees("->") ? 2 : 1;
      source_.tokens.push_back({advance_to(at_ + size), line_, false});
    }
  }

  // 1'000 and 0x1.8p3 are numbers, so an apostrophe in them opens no character.
  void take_number() {
    size_t end = at_;
    while (end < text_.size() && (is_word_start(text_[end]) || is_digit(text_[end]) ||
                                  text_[end] == '\'' || text_[end] == '.')) {
      ++end;
    }
    source_.tokens.push_back({advance_to(end), line_, false});
  }

  void take_quoted(char quote) {
    size_t end = at_ + 1;
    while (end < text_.size() && text_[end] != quote) {
      end += text_[end] == '\\' ? 2 : 1;
    }
    advance_to(end + 1);
    source_.tokens.push_back({"\"\"", line_, false});
  }

  void take_raw_string() {
    size_t open = text_.find('(', at_);
    std::string close = ")" + std::string(text_.substr(at_ + 2, open - at_ - 2)) + "\"";
    size_t end = text_.find(close, at_);
    advance_to(end == std::string_view::npos ? end : end + close.size());
    source_.tokens.push_back({"\"\"", line_, false});
  }

  std::string_view text_;
  size_t at_ = 0;
  int line_ = 1;
  bool line_starts_ = true;
  bool in_macro_ = false;
  SourceText source_;
};

}  // namespace

SourceText read_source(std::string_view text) {
  return Reader(text).read();
}

}  // namespace hourwheel
