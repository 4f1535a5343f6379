#include "engine/text_search.h"

#include <gtest/gtest.h>

namespace hourwheel::text_search_test {
namespace {

TEST(TextSearch, LettersOfAsciiMatchInEitherCaseAndNothingElseDoes) {
  EXPECT_TRUE(holds_part("Connection Refused", "REFUSED"));
  EXPECT_TRUE(holds_part("Zoë", "zoë"));
  EXPECT_FALSE(holds_part("ZOË", "zoë")) << "only ASCII";
  EXPECT_FALSE(holds_part("refuse", "refused"));
  EXPECT_TRUE(holds_part("anything", ""));
  EXPECT_FALSE(holds_part("", "x"));
}

}  // namespace
}  // namespace hourwheel::text_search_test
