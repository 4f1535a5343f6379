// docs/guide/problems.md has a line for each code, and for none else.
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <string>

#include "api/problem.h"

namespace hourwheel::problem_pages_test {
namespace {

using StatusByCode = std::map<std::string, std::string>;

// The first two columns of the lines that begin with a code.
StatusByCode documented() {
  std::ifstream page(HW_SOURCE_DIR "/docs/guide/problems.md");
  StatusByCode found;
  std::string line;
  while (std::getline(page, line)) {
    if (!line.starts_with("| `")) continue;
    const size_t end = line.find("` | ");
    if (end == std::string::npos) {
      ADD_FAILURE() << "not a line of the table: " << line;
      continue;
    }
    const bool is_new = found.emplace(line.substr(3, end - 3), line.substr(end + 4, 3)).second;
    EXPECT_TRUE(is_new) << "twice: " << line;
  }
  return found;
}

TEST(ProblemPages, HaveEachCodeWithItsStatus) {
  StatusByCode wanted;
  for (size_t code = 0; code < problem_count(); ++code) {
    const ProblemFacts& facts = problem_facts(static_cast<ErrorCode>(code));
    wanted.emplace(facts.code, std::to_string(facts.status));
  }
  EXPECT_EQ(documented(), wanted);
}

}  // namespace
}  // namespace hourwheel::problem_pages_test
