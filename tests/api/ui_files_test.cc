// GET / and what that page loads.
#include "api/ui_files.h"

#include "tests/api/support/fixture.h"

namespace hourwheel::ui_files_test {
namespace {

using UiFilesTest = ApiTest;

// The last four bytes (RFC 1952).
size_t size_when_unpacked(const std::string& gzip) {
  size_t size = 0;
  for (size_t i = 1; i <= 4; ++i) {
    size = size << 8 | static_cast<unsigned char>(gzip[gzip.size() - i]);
  }
  return size;
}

TEST_F(UiFilesTest, ThePageLoadsFromThisServerAlone) {
  const Sent& page = get("/");
  EXPECT_EQ(page.response.status, 200);
  EXPECT_EQ(page.response.content_type, "text/html; charset=utf-8");
  EXPECT_TRUE(page.response.body.starts_with("<!doctype html>\n"));
  EXPECT_EQ(page.response.body, ui_file(UiName::kPage).bytes);
  const std::string policy = page.field("content-security-policy");
  EXPECT_TRUE(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self';"));
  EXPECT_NE(policy.find("frame-ancestors 'none'"), std::string::npos);
  EXPECT_EQ(policy.find("unsafe"), std::string::npos);
  EXPECT_EQ(page.response.body.find("://"), std::string::npos) << "nothing from elsewhere";
}

// By names with a digest: what a browser keeps is never of another build.
TEST_F(UiFilesTest, WhatThePageNamesIsKeptForGood) {
  const std::string page = get("/").response.body;
  size_t named = 0;
  for (size_t at = page.find("\"ui/"); at != std::string::npos; at = page.find("\"ui/", at + 1)) {
    const std::string path = "/" + page.substr(at + 1, page.find('"', at + 1) - at - 1);
    ++named;
    const Sent& file = get(path);
    EXPECT_EQ(file.response.status, 200) << path;
    EXPECT_EQ(file.field("cache-control"), "public, max-age=31536000, immutable") << path;
    const std::string digest = path.substr(path.find("?v=") + 3);
    EXPECT_EQ(file.field("etag"), "W/\"" + digest + '"') << "what the page names is what is given";
  }
  EXPECT_EQ(named, 3U);
  EXPECT_EQ(get("/ui/app.js?v=0123456789abcdef").field("cache-control"), "no-cache")
      << "asked for by the page of another build";
  EXPECT_EQ(get("/?v=1").field("cache-control"), "no-cache");
  EXPECT_EQ(get("/ui/app.js").field("cache-control"), "no-cache");
  EXPECT_EQ(get("/ui/other.js").response.status, 404);
}

TEST_F(UiFilesTest, IsCompressedForThoseWhoTakeThat) {
  for (const char* path : {"/", "/ui/app.js", "/ui/app.css", "/ui/icon.svg"}) {
    const Sent& plain = get(path);
    EXPECT_EQ(plain.field("content-encoding"), "") << path;
    EXPECT_EQ(plain.field("vary"), "accept-encoding") << path;
    for (const char* refused : {"gzip;q=0", "br, GZIP; q=0.000", "deflate", "xgzip", ""}) {
      const Sent& other = ask({"GET", path, "", {{"accept-encoding", refused}}});
      EXPECT_EQ(other.field("content-encoding"), "") << refused;
    }
    const Sent& weighed = ask({"GET", path, "", {{"accept-encoding", "br;q=1, gzip ; q=0.5"}}});
    EXPECT_EQ(weighed.field("content-encoding"), "gzip");
    const Sent& packed = ask({"GET", path, "", {{"accept-encoding", "br, gzip"}}});
    EXPECT_EQ(packed.field("content-encoding"), "gzip") << path;
    EXPECT_TRUE(packed.response.body.starts_with("\x1f\x8b")) << path;
    EXPECT_EQ(size_when_unpacked(packed.response.body), plain.response.body.size()) << path;
  }
}

TEST_F(UiFilesTest, IsNotSentTwice) {
  for (const char* path : {"/", "/ui/app.js", "/ui/app.css", "/ui/icon.svg"}) {
    const std::string etag = get(path).field("etag");
    const Sent& again = ask({"GET", path, "", {{"if-none-match", etag}}});
    EXPECT_EQ(again.response.status, 304) << path;
    EXPECT_EQ(again.response.body, "") << path;
  }
}

}  // namespace
}  // namespace hourwheel::ui_files_test
