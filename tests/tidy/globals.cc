// Finds mutable state that outlives a function: variables at namespace scope, static members and
// static locals. It reads no types; it looks at how a statement begins and where it stands.
#include <algorithm>
#include <array>

#include "tests/tidy/rules.h"

namespace hourwheel {
namespace {

enum class Scope { kNamespace, kType, kCode };

bool contains(std::span<const Token> statement, std::string_view word) {
  return std::any_of(statement.begin(), statement.end(),
                     [word](const Token& token) { return token.text == word; });
}

Scope scope_opened_by(std::span<const Token> statement) {
  bool linkage = contains(statement, "extern") && !contains(statement, "(");
  if (contains(statement, "namespace") || linkage) {
    return Scope::kNamespace;
  }
  // "struct Entry {" opens a type; "Entry find(struct x) {" has a parenthesis and opens code.
  bool type = contains(statement, "class") || contains(statement, "struct") ||
              contains(statement, "union") || contains(statement, "enum");
  return type && !contains(statement, "(") ? Scope::kType : Scope::kCode;
}

// What stands before the initialiser.
std::span<const Token> declaration_of(std::span<const Token> statement) {
  auto end = std::find_if(statement.begin(), statement.end(),
                          [](const Token& token) { return token.text == "="; });
  return statement.first(static_cast<size_t>(end - statement.begin()));
}

bool is_constant(std::span<const Token> declaration) {
  return contains(declaration, "const") || contains(declaration, "constexpr");
}

bool declares_variable(std::span<const Token> statement) {
  constexpr std::array<std::string_view, 12> kOtherStarts{
      "using",  "typedef",  "class",     "struct", "union",         "enum",
      "friend", "template", "namespace", "extern", "static_assert", "concept"};
  std::span<const Token> declaration = declaration_of(statement);
  if (declaration.size() < 2 || !declaration[0].is_word || contains(declaration, "(") ||
      contains(declaration, "operator")) {
    return false;
  }
  return std::find(kOtherStarts.begin(), kOtherStarts.end(), declaration[0].text) ==
         kOtherStarts.end();
}

bool is_global(std::span<const Token> statement, Scope scope) {
  if (statement.empty() || is_constant(declaration_of(statement))) {
    return false;
  }
  switch (scope) {
    case Scope::kNamespace:
      return declares_variable(statement);
    case Scope::kType:
      return contains(statement.first(std::min<size_t>(statement.size(), 2)), "static") &&
             declares_variable(statement);
    case Scope::kCode:
      return statement[0].text == "static";
  }
  return false;
}

// Labels, and what a directive leaves behind, do not belong to the statement that follows.
bool ends_label(std::span<const Token> statement, Scope scope) {
  constexpr std::array<std::string_view, 3> kLabels{"public", "private", "protected"};
  return scope == Scope::kType && statement.size() == 2 && statement[1].text == ":" &&
         std::find(kLabels.begin(), kLabels.end(), statement[0].text) != kLabels.end();
}

}  // namespace

void check_globals(const SourceFile& file, std::vector<Finding>& findings) {
  // What the simulator says when a check aborts it (a signal's handler is handed nothing), its
  // allocator (SQLite takes one for all), and functions that stand in for the C library's.
  if (file.path == "tests/sim/main.cc" || file.path == "tests/sim/failing_memory.cc" ||
      file.path == "tests/support/power_cut/preload/interposed.cc") {
    return;
  }
  const std::vector<Token>& tokens = file.source.tokens;
  std::vector<Scope> scopes{Scope::kNamespace};
  size_t start = 0;
  auto report = [&](std::span<const Token> statement) {
    if (is_global(statement, scopes.back())) {
      findings.push_back({file.path, statement[0].line, "mutable state without an owner"});
    }
  };
  for (size_t at = 0; at < tokens.size(); ++at) {
    std::span<const Token> statement(tokens.data() + start, at - start);
    std::string_view text = tokens[at].text;
    if (text == "{") {
      report(statement);
      scopes.push_back(scope_opened_by(statement));
      start = at + 1;
    } else if (text == "}") {
      if (scopes.size() > 1) {
        scopes.pop_back();
      }
      start = at + 1;
    } else if (text == ";") {
      report(statement);
      start = at + 1;
    } else if (ends_label({tokens.data() + start, at + 1 - start}, scopes.back())) {
      start = at + 1;
    }
  }
}

}  // namespace hourwheel
