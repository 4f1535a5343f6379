// The rules, applied to every source of the tree.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>

#include "tests/tidy/rules.h"

namespace hourwheel::tree_test {
namespace {

namespace fs = std::filesystem;

std::string read_file(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

class TidyTree : public ::testing::Test {
 protected:
  struct Loaded {
    std::string text;  // what the tokens point into
    SourceFile file;
  };

  TidyTree() {
    for (const char* folder : {"engine", "net", "store", "api", "tools", "tests", "bench"}) {
      if (fs::exists(root_ / folder)) {
        for (const auto& entry : fs::recursive_directory_iterator(root_ / folder)) {
          load(entry.path());
        }
      }
    }
  }

  void load(const fs::path& path) {
    if (path.extension() != ".cc" && path.extension() != ".h") {
      return;
    }
    auto loaded = std::make_unique<Loaded>();
    loaded->text = read_file(path);
    loaded->file.path = fs::relative(path, root_).string();
    loaded->file.source = read_source(loaded->text);
    files_.push_back(std::move(loaded));
  }

  void expect_clean(void (*check)(const SourceFile&, std::vector<Finding>&)) {
    std::vector<Finding> findings;
    for (const auto& loaded : files_) {
      check(loaded->file, findings);
    }
    for (const Finding& finding : findings) {
      ADD_FAILURE_AT(finding.path.c_str(), finding.line) << finding.text;
    }
  }

  fs::path root_{HW_SOURCE_DIR};
  std::vector<std::unique_ptr<Loaded>> files_;
};

TEST_F(TidyTree, HasSources) {
  EXPECT_GT(files_.size(), 20U) << "no sources under " << root_;
}

TEST_F(TidyTree, IncludesPointOnlyDownwards) {
  expect_clean(check_include_directions);
}

TEST_F(TidyTree, LibraryHeadersStayInTheirWrappers) {
  expect_clean(check_wrapped_headers);
}

TEST_F(TidyTree, BannedCodeStaysInItsNamedFiles) {
  expect_clean(check_banned_code);
}

TEST_F(TidyTree, NamesSaySomething) {
  expect_clean(check_names);
}

TEST_F(TidyTree, NoStateIsWithoutAnOwner) {
  expect_clean(check_globals);
}

TEST_F(TidyTree, NothingIsLeftForLater) {
  expect_clean(check_comments);
}

TEST_F(TidyTree, FilesAreShort) {
  expect_clean(check_length);
}

TEST_F(TidyTree, EveryTestIsInTheBuild) {
  std::string tests_cmake = read_file(root_ / "tests/CMakeLists.txt");
  for (const auto& loaded : files_) {
    const std::string& path = loaded->file.path;
    if (path.ends_with("_test.cc")) {
      std::string folder_cmake = read_file((root_ / path).parent_path() / "CMakeLists.txt");
      EXPECT_TRUE(is_built_test(path, tests_cmake, folder_cmake)) << path;
    }
  }
}

}  // namespace
}  // namespace hourwheel::tree_test
