#include "engine/response_fields.h"

#include <gtest/gtest.h>

#include "engine/limits.h"

namespace hourwheel::response_fields_test {
namespace {

std::string value_kept(std::string_view value) {
  std::string kept;
  keep_response_field(kept, "Server", value);
  return kept_value(kept, "Server");
}

TEST(ResponseFields, OnlyNamedOnesAreKeptUnderOneSpelling) {  // RF1
  std::string kept;
  keep_response_field(kept, "CONTENT-TYPE", "text/plain");
  for (const char* other : {"Set-Cookie", "Set-Cookie2", "Cookie", "Authorization", "Server-Timing",
                            "Dat", "", "X-Request-Id-2"}) {
    keep_response_field(kept, other, "secret");
  }
  keep_response_field(kept, "x-request-id", "7f3a");
  EXPECT_EQ(kept, "Content-Type: text/plain\nX-Request-Id: 7f3a\n");
  EXPECT_EQ(kept_value(kept, "Content-Type"), "text/plain");
  EXPECT_EQ(kept_value(kept, "Date"), "");
  EXPECT_FALSE(kept_fields_are_cut(kept));
}

TEST(ResponseFields, ValuesOfOneNameStandTogether) {
  std::string kept;
  keep_response_field(kept, "WWW-Authenticate", "Basic");
  keep_response_field(kept, "Date", "today");
  keep_response_field(kept, "www-authenticate", "Bearer realm=\"a, b\"");
  EXPECT_EQ(kept_value(kept, "Www-Authenticate"), "Basic, Bearer realm=\"a, b\"");
}

TEST(ResponseFields, AValueCannotEndItsLineNorLookCut) {  // RF3
  EXPECT_EQ(value_kept("a\nDate: b\r\t\x7f\x1b[2J"), "a?Date: b????[2J");
  EXPECT_EQ(value_kept("caf\xc3\xa9 \xe2\x80\xa6"), "caf?? ???");
}

TEST(ResponseFields, ALongValueIsCutVisibly) {  // RF2
  EXPECT_EQ(value_kept(std::string(kMaxKeptFieldValue, 'v')), std::string(kMaxKeptFieldValue, 'v'));
  const std::string cut = value_kept(std::string(kMaxKeptFieldValue + 1, 'v'));
  EXPECT_EQ(cut.size(), kMaxKeptFieldValue);
  EXPECT_TRUE(cut.ends_with("v" + std::string(kCutMark)));
}

TEST(ResponseFields, TheyAreBoundedTogetherAndSayWhatIsMissing) {  // RF2
  for (size_t length = 0; length <= kMaxKeptFieldValue; ++length) {
    std::string kept;
    for (int i = 0; i < 300; ++i) keep_response_field(kept, "Date", std::string(length, 'v'));
    ASSERT_LE(kept.size(), kMaxKeptFields);
    ASSERT_TRUE(kept_fields_are_cut(kept)) << length;
    const std::string before = kept;
    keep_response_field(kept, "Date", "");
    ASSERT_EQ(kept, before) << "nothing comes after the mark";
  }
}

}  // namespace
}  // namespace hourwheel::response_fields_test
