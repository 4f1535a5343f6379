#include "tests/tidy/rules.h"

#include <algorithm>
#include <array>

namespace hourwheel {
namespace {

constexpr int kMaxLines = 500;
// Where std::function may allocate: what runs once, or for people.
constexpr std::array<std::string_view, 4> kColdPaths{"net/control_loop", "tools/", "tests/",
                                                     "bench/"};

bool lies_in(std::string_view path, std::span<const std::string_view> prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [path](std::string_view prefix) { return path.starts_with(prefix); });
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    std::string_view part = text.substr(0, text.find(separator));
    parts.push_back(part);
    text.remove_prefix(std::min(text.size(), part.size() + 1));
  }
  return parts;
}

bool matches(std::string_view pattern, std::string_view token) {
  if (pattern.size() > 1 && pattern.ends_with('*')) {
    return token.starts_with(pattern.substr(0, pattern.size() - 1));
  }
  return pattern == token;
}

bool matches_at(const std::vector<std::string_view>& pattern, const std::vector<Token>& tokens,
                size_t at) {
  if (at + pattern.size() > tokens.size()) {
    return false;
  }
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (!matches(pattern[i], tokens[at + i].text)) {
      return false;
    }
  }
  return true;
}

bool is_statement_end(std::string_view token) {
  return token == ";" || token == "{" || token == "}";
}

// A unique_ptr in the same statement takes the object: what a private constructor needs. And "new"
// may be the operator's name.
bool is_naked_new(const std::vector<Token>& tokens, size_t at) {
  if (tokens[at].text != "new") {
    return false;
  }
  for (size_t before = at; before > 0 && !is_statement_end(tokens[before - 1].text); --before) {
    std::string_view text = tokens[before - 1].text;
    if (text == "unique_ptr" || text == "reset" || text == "operator") {
      return false;
    }
  }
  return true;
}

struct Direction {
  std::string_view folder;
  std::vector<std::string_view> may_include;
};

const std::vector<Direction>& directions() {
  static const std::vector<Direction> kDirections{
      {"engine/", {"engine/"}},
      {"store/", {"store/", "engine/"}},
      {"net/", {"net/", "engine/"}},
      {"api/", {"api/", "engine/", "net/http.h", "store/query.h"}},
      {"tools/", {"tools/", "api/", "net/", "store/", "engine/"}},
      {"bench/", {"bench/", "tools/", "api/", "net/", "store/", "engine/"}},
      {"tests/", {"tests/", "tools/", "api/", "net/", "store/", "engine/"}},
  };
  return kDirections;
}

// The engine does no I/O, so of the C library and the system it sees nothing.
bool engine_may_include(std::string_view path, std::string_view name) {
  bool standard =
      name.find('.') == std::string_view::npos && name.find('/') == std::string_view::npos;
  constexpr std::array<std::string_view, 8> kIo{
      "iostream",           "fstream",   "thread", "mutex", "atomic", "future",
      "condition_variable", "filesystem"};
  if (standard) {
    // Counters are read by another thread, quotas are of all shards; zones are files of the system.
    const bool counts =
        path.starts_with("engine/metrics") || path.starts_with("engine/task_quotas");
    bool exempt = (counts && name == "atomic") ||
                  (path.starts_with("engine/schedule/time_zone") && name == "filesystem");
    return exempt || std::find(kIo.begin(), kIo.end(), name) == kIo.end();
  }
  return name.starts_with("cctz/") || name.starts_with("tl/");
}

// "TaskManager" and "task_manager" both have the pieces task and manager.
std::vector<std::string> pieces_of(std::string_view name) {
  std::vector<std::string> pieces(1);
  for (char c : name) {
    bool upper = c >= 'A' && c <= 'Z';
    if ((upper || c == '_' || c == '/' || c == '.') && !pieces.back().empty()) {
      pieces.emplace_back();
    }
    if (c != '_' && c != '/' && c != '.') {
      pieces.back() += upper ? static_cast<char>(c - 'A' + 'a') : c;
    }
  }
  return pieces;
}

bool has_empty_word(std::string_view name) {
  constexpr std::array<std::string_view, 9> kEmptyWords{
      "manager", "managers", "helper", "helpers", "util", "utils", "misc", "job", "jobs"};
  for (const std::string& piece : pieces_of(name)) {
    if (std::find(kEmptyWords.begin(), kEmptyWords.end(), piece) != kEmptyWords.end()) {
      return true;
    }
  }
  return name.starts_with("info_");
}

}  // namespace

void check_banned_code(const SourceFile& file, std::vector<Finding>& findings) {
  const std::vector<Token>& tokens = file.source.tokens;
  for (const BannedCode& banned : banned_code()) {
    if (lies_in(file.path, banned.allowed_in)) {
      continue;
    }
    std::vector<std::string_view> pattern = split(banned.tokens, ' ');
    for (size_t at = 0; at < tokens.size(); ++at) {
      if (matches_at(pattern, tokens, at)) {
        findings.push_back({file.path, tokens[at].line,
                            "'" + std::string(banned.tokens) +
                                "' may not stand here: " + std::string(banned.reason)});
      }
    }
  }
  for (size_t at = 0; at < tokens.size(); ++at) {
    if (is_naked_new(tokens, at)) {
      findings.push_back({file.path, tokens[at].line, "naked new: a member, or make_unique"});
    }
    if (matches_at({"std", "::", "function"}, tokens, at) && !lies_in(file.path, kColdPaths)) {
      findings.push_back({file.path, tokens[at].line,
                          "std::function allocates: an interface, a template or a pointer"});
    }
  }
}

void check_include_directions(const SourceFile& file, std::vector<Finding>& findings) {
  for (const Direction& direction : directions()) {
    if (!file.path.starts_with(direction.folder)) {
      continue;
    }
    for (const Include& include : file.source.includes) {
      bool allowed = include.is_ours ? lies_in(include.name, direction.may_include)
                                     : direction.folder != "engine/" ||
                                           engine_may_include(file.path, include.name);
      if (!allowed) {
        findings.push_back(
            {file.path, include.line,
             std::string(direction.folder) + " may not include " + std::string(include.name)});
      }
    }
  }
}

void check_wrapped_headers(const SourceFile& file, std::vector<Finding>& findings) {
  for (const Include& include : file.source.includes) {
    for (const WrappedHeader& wrapped : wrapped_headers()) {
      if (!include.is_ours && include.name.starts_with(wrapped.prefix) &&
          !lies_in(file.path, wrapped.allowed_in)) {
        findings.push_back({file.path, include.line,
                            std::string(include.name) + " belongs in its wrapper, " +
                                std::string(wrapped.allowed_in.front())});
      }
    }
  }
}

void check_names(const SourceFile& file, std::vector<Finding>& findings) {
  if (has_empty_word(file.path)) {
    findings.push_back({file.path, 1, "the file's name says nothing"});
  }
  for (const Token& token : file.source.tokens) {
    if (token.is_word && has_empty_word(token.text)) {
      findings.push_back({file.path, token.line, "'" + std::string(token.text) + "' says nothing"});
    }
  }
}

void check_comments(const SourceFile& file, std::vector<Finding>& findings) {
  constexpr std::array<std::string_view, 3> kLeftovers{"TODO", "FIXME", "XXX"};
  for (const Token& comment : file.source.comments) {
    for (std::string_view leftover : kLeftovers) {
      if (comment.text.find(leftover) != std::string_view::npos) {
        findings.push_back({file.path, comment.line, std::string(leftover) + ": do it, or not"});
      }
    }
  }
}

void check_length(const SourceFile& file, std::vector<Finding>& findings) {
  if (file.source.lines > kMaxLines) {
    findings.push_back({file.path, file.source.lines,
                        std::to_string(file.source.lines) + " lines: two ideas share this file"});
  }
}

bool is_built_test(std::string_view path, std::string_view tests_cmake,
                   std::string_view folder_cmake) {
  std::vector<std::string_view> parts = split(path, '/');
  if (parts.size() < 3 || parts[0] != "tests") {
    return false;
  }
  std::string glob = "hw_tests(" + std::string(parts[1]) + ")";
  return tests_cmake.find(glob) != std::string_view::npos ||
         folder_cmake.find("*_test.cc") != std::string_view::npos ||
         folder_cmake.find(parts.back()) != std::string_view::npos;
}

}  // namespace hourwheel
