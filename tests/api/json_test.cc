#include <gtest/gtest.h>

#include <string>

#include "api/base64.h"
#include "api/json_reader.h"
#include "api/json_writer.h"

namespace hourwheel::json_test {
namespace {

class JsonTest : public ::testing::Test {
 protected:
  Result<JsonValue> parse(const std::string& body) {
    padded_ = body + std::string(64, 'x');
    return reader_.parse(std::string_view(padded_).substr(0, body.size()));
  }
  JsonReader reader_;
  std::string padded_;
};

TEST_F(JsonTest, ValuesKeepTheirBytesAndTheirPlace) {
  auto top = parse(" {\"a\" : [1 , {\"b/~\": \"x\\u00e4\\n\"} ] , \"c\":{}, \"n\":null}\n");
  ASSERT_TRUE(top) << top.error().detail;
  EXPECT_EQ(top->size(), 3U);
  auto a = top->find("a");
  ASSERT_TRUE(a);
  EXPECT_EQ(a->raw(), "[1 , {\"b/~\": \"x\\u00e4\\n\"} ]");
  auto b = a->first()->next()->find("b/~");
  ASSERT_TRUE(b);
  EXPECT_EQ(b->text(), "xä\n");
  EXPECT_EQ(b->raw(), "\"x\\u00e4\\n\"");
  EXPECT_EQ(b->pointer(), "/a/1/b~1~0");
  EXPECT_EQ(top->find("c")->raw(), "{}");
  EXPECT_TRUE(top->find("n")->is(JsonKind::kNull));
  EXPECT_FALSE(top->find("d"));
}

TEST_F(JsonTest, NumbersOfAnySizeAreKeptAsText) {
  auto top = parse(R"({"big":123456789012345678901234567890,"real":-0.5e+10,"small":-7})");
  ASSERT_TRUE(top) << top.error().detail;
  EXPECT_EQ(top->find("big")->raw(), "123456789012345678901234567890");
  EXPECT_FALSE(top->find("big")->whole());
  EXPECT_EQ(top->find("real")->real(), -0.5e10);
  EXPECT_FALSE(top->find("real")->whole());
  EXPECT_EQ(top->find("small")->whole(), -7);
}

TEST_F(JsonTest, WhatIsNotJsonIsRefused) {
  const std::string cases[] = {
      "",
      " ",
      "{",
      "}",
      "[]",
      "1",
      "\"a\"",
      "null",
      "{\"a\"}",
      "{\"a\":}",
      "{\"a\":1,}",
      "{,}",
      "{\"a\":1 \"b\":2}",
      "{\"a\":[1,]}",
      "{\"a\":[1 2]}",
      "{\"a\":[1,2}",
      "{\"a\":[1,2}]",
      "{\"a\":{]}",
      "{\"a\":01}",
      "{\"a\":1.}",
      "{\"a\":.5}",
      "{\"a\":-}",
      "{\"a\":+1}",
      "{\"a\":1e}",
      "{\"a\":0x10}",
      "{\"a\":1_000}",
      "{\"a\":NaN}",
      "{\"a\":nul}",
      "{\"a\":nulll}",
      "{\"a\":True}",
      "{\"a\":tru}",
      "{'a':1}",
      "{a:1}",
      "{\"a\":\"x}",
      "{\"a\":\"\\x\"}",
      "{\"a\":\"\\u12\"}",
      "{\"a\":\"\\ud800\"}",
      "{\"a\":\"\\udc00\"}",
      "{\"\\ud800\":1}",
      "{\"a\":\"\n\"}",
      "{\"a\":\"\x01\"}",
      "{\"a\":\"\xff\"}",
      "{\"a\":\"\xc0\x80\"}",
      "{\"a\":\"\xed\xa0\x80\"}",
      "\xef\xbb\xbf{\"a\":\"\xff\"}",
      "{\"a\":1}x",
      "{\"a\":1}{}",
      "{\"a\":1}]",
      "{\"a\":1}}",
      "{\"a\":1} 2",
      "{\"a\":1}// c",
      "{\"a\":/* c */1}",
      std::string("{\"a\":1\0}", 8),
  };
  for (const std::string& body : cases) {
    auto top = parse(body);
    EXPECT_FALSE(top) << "accepted: " << body;
    if (!top) {
      EXPECT_EQ(top.error().code, ErrorCode::kInvalidJson);
    }
  }
}

TEST_F(JsonTest, EveryTruncationOfAGoodBodyIsRefused) {
  const std::string good = R"({"a":[1,-2.5e3,{"b":"x\u00e4\\"},true,null,[]],"c":{"d":false}})";
  ASSERT_TRUE(parse(good));
  for (size_t length = 0; length < good.size(); ++length) {
    EXPECT_FALSE(parse(good.substr(0, length))) << good.substr(0, length);
  }
}

TEST_F(JsonTest, NoByteFlipMakesTheReaderDie) {
  const std::string good = R"({"a":[1,-2.5e3,{"b":"x\u00e4\\"},true,null,[]],"c":{"d":false}})";
  for (size_t at = 0; at < good.size(); ++at) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string body = good;
      body[at] = static_cast<char>(byte);
      auto top = parse(body);
      if (top) {
        EXPECT_FALSE(top->raw().empty());
      }
    }
  }
}

TEST_F(JsonTest, DuplicateNamesAreRefusedInEveryObject) {
  for (const char* body : {R"({"a":1,"a":2})", R"({"a":1,"\u0061":2})", R"({"x":[{"b":1,"b":1}]})",
                           R"({"p":{"1":0,"2":0,"3":0,"4":0,"5":0,"6":0,"7":0,"8":0,"9":0,"10":0,)"
                           R"("11":0,"12":0,"13":0,"4":0}})"}) {
    auto top = parse(body);
    ASSERT_FALSE(top) << body;
    EXPECT_NE(top.error().detail.find("twice"), std::string::npos);
  }
}

TEST_F(JsonTest, DepthIsBoundedAt32) {
  auto nested = [](size_t depth) {
    return "{\"a\":" + std::string(depth - 1, '[') + std::string(depth - 1, ']') + "}";
  };
  EXPECT_TRUE(parse(nested(32)));
  auto deep = parse(nested(33));
  ASSERT_FALSE(deep);
  EXPECT_NE(deep.error().detail.find("32"), std::string::npos);
  EXPECT_FALSE(parse("{\"a\":" + std::string(100'000, '[')));
}

TEST_F(JsonTest, WriterEscapesWhatItMust) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.user_name("a\"b");
  using std::string_view_literals::operator""sv;
  json.string("long plain text, then \\ and \x1f and \0 and \xc3\xa4"sv);
  json.name("n");
  json.begin_array();
  json.number(-5);
  json.real(2.5);
  json.boolean(true);
  json.null();
  json.begin_object();
  json.end_object();
  json.end_array();
  json.end_object();
  EXPECT_EQ(out,
            "{\"a\\\"b\":\"long plain text, then \\\\ and \\u001f and \\u0000 and \xc3\xa4\","
            "\"n\":[-5,2.5,true,null,{}]}");
}

TEST_F(JsonTest, WhatIsWrittenIsReadBack) {
  for (int byte = 0; byte < 128; ++byte) {
    for (size_t before = 0; before < 10; ++before) {
      std::string text = std::string(before, 'p') + static_cast<char>(byte) + "rest of the text";
      std::string out = "{\"a\":";
      append_json_string(out, text);
      auto top = parse(out + "}");
      ASSERT_TRUE(top) << out;
      EXPECT_EQ(top->find("a")->text(), text);
    }
  }
}

TEST(Base64Test, RoundTripsAndRefusesOtherSpellings) {
  for (std::string_view bytes : {"", "f", "fo", "foo", "foob", "\xff\xfe\xfd\x00"}) {
    for (Base64 alphabet : {Base64::kStandard, Base64::kUrl}) {
      EXPECT_EQ(base64_decode(base64_encode(bytes, alphabet), alphabet), bytes);
    }
  }
  EXPECT_EQ(base64_encode("fo", Base64::kStandard), "Zm8=");
  EXPECT_EQ(base64_encode("fo", Base64::kUrl), "Zm8");
  for (std::string_view bad : {"Zm8", "Zm9=", "Z===", "Zm 8", "Zm8=\n", "Zm8-", "====", "Zm=8"}) {
    EXPECT_FALSE(base64_decode(bad, Base64::kStandard)) << bad;
  }
}

}  // namespace
}  // namespace hourwheel::json_test
