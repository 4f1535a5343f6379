// The rules of the house that a machine can check. Each rule looks at one file; a rule of a table
// brings the sample that it must refuse, so that a rule which cannot fail is noticed.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tests/tidy/source_text.h"

namespace hourwheel {

struct SourceFile {
  std::string path;  // from the root: "engine/shard.cc"
  SourceText source;
};

struct Finding {
  std::string path;
  int line = 0;
  std::string text;
};

// A sequence of tokens that may stand only in some places.
struct BannedCode {
  std::string_view tokens;  // separated by spaces; an ending '*' in a word matches any rest
  std::string_view reason;  // what to do instead
  std::span<const std::string_view> allowed_in;  // prefixes of paths
  std::string_view sample;                       // code that must be found
};
std::span<const BannedCode> banned_code();

// A header of a library, and the prefixes of the only paths that may include it.
struct WrappedHeader {
  std::string_view prefix;  // of the header's name
  std::span<const std::string_view> allowed_in;
};
std::span<const WrappedHeader> wrapped_headers();

void check_banned_code(const SourceFile& file, std::vector<Finding>& findings);
void check_include_directions(const SourceFile& file, std::vector<Finding>& findings);
void check_wrapped_headers(const SourceFile& file, std::vector<Finding>& findings);
void check_names(const SourceFile& file, std::vector<Finding>& findings);
void check_globals(const SourceFile& file, std::vector<Finding>& findings);
void check_comments(const SourceFile& file, std::vector<Finding>& findings);
void check_length(const SourceFile& file, std::vector<Finding>& findings);

// A test file is built when tests/CMakeLists.txt globs its folder with hw_tests(FOLDER), or when
// the CMakeLists.txt of its folder names it or globs *_test.cc.
bool is_built_test(std::string_view path, std::string_view tests_cmake,
                   std::string_view folder_cmake);

}  // namespace hourwheel
