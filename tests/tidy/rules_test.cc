// Every rule must refuse its sample: a rule that cannot fail has shown nothing.
#include "tests/tidy/rules.h"

#include <gtest/gtest.h>

namespace hourwheel::rules_test {
namespace {

using Check = void (*)(const SourceFile&, std::vector<Finding>&);

size_t findings_of(Check check, const std::string& path, std::string_view text) {
  std::vector<Finding> findings;
  check(SourceFile{path, read_source(text)}, findings);
  return findings.size();
}

TEST(Rules, EveryBannedCodeIsFoundInItsSample) {
  for (const BannedCode& banned : banned_code()) {
    EXPECT_GE(findings_of(check_banned_code, "engine/sample.cc", banned.sample), 1U)
        << banned.tokens;
    EXPECT_EQ(0U, findings_of(check_banned_code, "engine/sample.cc",
                              "// " + std::string(banned.sample) + "\n"))
        << "in a comment: " << banned.tokens;
  }
}

TEST(Rules, BannedCodeIsAllowedInItsNamedFiles) {
  EXPECT_EQ(0U, findings_of(check_banned_code, "net/system_clock.cc", "clock_gettime(c, &t);"));
  EXPECT_EQ(0U, findings_of(check_banned_code, "net/mailbox.h", "std::atomic<int> head_;"));
  EXPECT_EQ(1U, findings_of(check_banned_code, "net/reactor.h", "std::atomic<int> head_;"));
}

TEST(Rules, OnlyWholeWordsAreBanned) {
  EXPECT_EQ(0U, findings_of(check_banned_code, "engine/a.cc", "x.renew(); renewed = snow(1);"));
  EXPECT_EQ(1U, findings_of(check_banned_code, "engine/a.cc", "auto* task = new Task();"));
  EXPECT_EQ(0U, findings_of(check_banned_code, "engine/a.cc",
                            "return std::unique_ptr<Task>(new Task(1));"));
  EXPECT_EQ(1U, findings_of(check_banned_code, "engine/a.h", "#define A \\\n  sleep(1)\n"));
  EXPECT_EQ(1U, findings_of(check_banned_code, "engine/a.h", "std::function<void()> done_;"));
}

TEST(Rules, IncludesPointOnlyDownwards) {
  EXPECT_EQ(1U, findings_of(check_include_directions, "engine/a.cc", "#include \"net/http.h\"\n"));
  EXPECT_EQ(1U, findings_of(check_include_directions, "engine/a.cc", "#include <unistd.h>\n"));
  EXPECT_EQ(1U, findings_of(check_include_directions, "engine/a.cc", "#include <thread>\n"));
  EXPECT_EQ(1U, findings_of(check_include_directions, "net/a.cc", "#include \"store/rows.h\"\n"));
  EXPECT_EQ(1U, findings_of(check_include_directions, "store/a.cc", "#include \"net/http.h\"\n"));
  EXPECT_EQ(1U, findings_of(check_include_directions, "api/a.cc", "#include \"net/reactor.h\"\n"));
  EXPECT_EQ(1U, findings_of(check_include_directions, "tools/a.cc", "#include \"tests/a.h\"\n"));
  EXPECT_EQ(0U, findings_of(check_include_directions, "api/a.cc", "#include \"net/http.h\"\n"));
  EXPECT_EQ(0U, findings_of(check_include_directions, "engine/a.cc", "#include <vector>\n"));
}

TEST(Rules, LibraryHeadersStayInTheirWrappers) {
  for (const WrappedHeader& wrapped : wrapped_headers()) {
    std::string include = "#include <" + std::string(wrapped.prefix) + ".h>\n";
    EXPECT_EQ(1U, findings_of(check_wrapped_headers, "engine/a.cc", include)) << wrapped.prefix;
    std::string home = std::string(wrapped.allowed_in.front()) + ".cc";
    EXPECT_EQ(0U, findings_of(check_wrapped_headers, home, include)) << wrapped.prefix;
  }
}

TEST(Rules, EmptyWordsAreNoNames) {
  EXPECT_EQ(1U, findings_of(check_names, "engine/a.h", "class TaskManager {};"));
  EXPECT_EQ(1U, findings_of(check_names, "engine/a.h", "int string_utils;"));
  EXPECT_EQ(1U, findings_of(check_names, "engine/time_helpers.h", "int a;"));
  EXPECT_EQ(1U, findings_of(check_names, "engine/a.h", "void info_line();"));
  EXPECT_EQ(0U, findings_of(check_names, "engine/a.h", "utility miscount damage"));
}

TEST(Rules, MutableStateWithoutAnOwnerIsFound) {
  for (const char* sample : {
           "namespace a { int counter = 0; }",
           "std::vector<int> all;",
           "namespace { Cache cache{1}; }",
           "inline int counter = 0;",
           "struct A { static int made; };",
           "class A { public: inline static int made = 0; };",
           "void f() { static int calls = 0; }",
           "void f() { if (a) { static std::string text; } }",
           "static Map table;",
       }) {
    EXPECT_EQ(1U, findings_of(check_globals, "engine/a.cc", sample)) << sample;
  }
}

TEST(Rules, ConstantsTypesAndFunctionsAreNoMutableState) {
  for (const char* sample : {
           "namespace a { constexpr int kLimit = 1; const char* const kNames[] = {\"a\"}; }",
           "struct A { int member = 0; static A open(int x); static constexpr int kB = 2; };",
           "class A { public: static A make(); private: int member_{1}; };",
           "Task make(int x) { Task task; static const Task kEmpty{}; return task; }",
           "using A = int; template <class T> struct B { T t; }; enum class E { kA, kB };",
           "A::A(int x) : x_(x), y_{1} { run(); } A::~A() = default;",
           "extern \"C\" const char* name() { return text; }",
           "bool operator==(A a, A b); extern \"C\" { void call(void); }",
           "TEST(A, B) { int x = 0; }",
           "#pragma once\nnamespace a {}\n#if A\nint f();\n#endif\n#define A 3\nstruct B {};",
           "#define CHECK(x) \\\n  do { if (!(x)) stop(); } while (false)\nnamespace a {}",
       }) {
    EXPECT_EQ(0U, findings_of(check_globals, "engine/a.cc", sample)) << sample;
  }
}

TEST(Rules, LeftoverMarksInCommentsAreFound) {
  EXPECT_EQ(1U, findings_of(check_comments, "engine/a.cc", "int a;  // TODO: count\n"));
  EXPECT_EQ(1U, findings_of(check_comments, "engine/a.cc", "/* a\n FIXME */"));
  EXPECT_EQ(0U, findings_of(check_comments, "engine/a.cc", "auto a = \"TODO\";"));
}

TEST(Rules, LongFilesAreFound) {
  EXPECT_EQ(1U, findings_of(check_length, "engine/a.cc", std::string(501, '\n')));
  EXPECT_EQ(0U, findings_of(check_length, "engine/a.cc", std::string(500, '\n')));
}

TEST(Rules, TestsOutsideOfTheBuildAreFound) {
  constexpr std::string_view kTests = "hw_tests(engine)\n";
  EXPECT_TRUE(is_built_test("tests/engine/base/a_test.cc", kTests, ""));
  EXPECT_FALSE(is_built_test("tests/store/a_test.cc", kTests, ""));
  EXPECT_TRUE(is_built_test("tests/e2e/a_test.cc", kTests, "add_executable(e2e a_test.cc)"));
  EXPECT_TRUE(is_built_test("tests/e2e/a_test.cc", kTests, "file(GLOB s *_test.cc)"));
  EXPECT_FALSE(is_built_test("tests/e2e/a_test.cc", kTests, "add_executable(e2e b_test.cc)"));
  EXPECT_FALSE(is_built_test("engine/a_test.cc", kTests, ""));
}

TEST(Rules, StringsCommentsAndNumbersAreNoCode) {
  SourceText source =
      read_source("auto a = R\"x(new \")x\"; // new\nint b = 1'000; char c = '\\'';");
  for (const Token& token : source.tokens) {
    EXPECT_NE("new", token.text);
  }
  EXPECT_EQ("c", source.tokens[source.tokens.size() - 4].text);
  EXPECT_EQ(2, source.tokens.back().line);
}

}  // namespace
}  // namespace hourwheel::rules_test
