#include "engine/url.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "engine/limits.h"

namespace hourwheel::url_test {
namespace {

struct Accepted {
  std::string text;
  UrlScheme scheme;
  std::string host;
  uint16_t port;
  std::string path;
  std::string authority;
};

const UrlScheme kHttp = UrlScheme::kHttp;
const UrlScheme kHttps = UrlScheme::kHttps;

TEST(Url, AcceptsWhatIsCanonicalAndSaysWhatItMeans) {
  const Accepted cases[] = {
      {"http://a.example", kHttp, "a.example", 80, "/", "a.example"},
      {"http://a.example/", kHttp, "a.example", 80, "/", "a.example"},
      {"HTTP://A.Example/Path", kHttp, "a.example", 80, "/Path", "a.example"},
      {"https://a.example", kHttps, "a.example", 443, "/", "a.example"},
      {"https://a.example:443/x", kHttps, "a.example", 443, "/x", "a.example"},
      {"https://a.example:80/x", kHttps, "a.example", 80, "/x", "a.example:80"},
      {"http://a.example:80/x", kHttp, "a.example", 80, "/x", "a.example"},
      {"http://a.example:8080/x", kHttp, "a.example", 8080, "/x", "a.example:8080"},
      {"http://a.example:1/", kHttp, "a.example", 1, "/", "a.example:1"},
      {"http://a.example:65535/", kHttp, "a.example", 65535, "/", "a.example:65535"},
      {"http://a.example?q=1", kHttp, "a.example", 80, "/?q=1", "a.example"},
      {"http://a.example/p?q=/x?y", kHttp, "a.example", 80, "/p?q=/x?y", "a.example"},
      {"http://a.example/%20%7e", kHttp, "a.example", 80, "/%20%7e", "a.example"},
      {"http://a.example/a@b:c", kHttp, "a.example", 80, "/a@b:c", "a.example"},
      {"http://localhost:9", kHttp, "localhost", 9, "/", "localhost:9"},
      {"http://x", kHttp, "x", 80, "/", "x"},
      {"http://1a.example", kHttp, "1a.example", 80, "/", "1a.example"},
      {"http://1.2.3.example", kHttp, "1.2.3.example", 80, "/", "1.2.3.example"},
      {"http://xn--bcher-kva.example", kHttp, "xn--bcher-kva.example", 80, "/",
       "xn--bcher-kva.example"},
      {"http://0x7g", kHttp, "0x7g", 80, "/", "0x7g"},
      {"http://127.0.0.1", kHttp, "127.0.0.1", 80, "/", "127.0.0.1"},
      {"http://0.0.0.0:1", kHttp, "0.0.0.0", 1, "/", "0.0.0.0:1"},
      {"http://255.255.255.255", kHttp, "255.255.255.255", 80, "/", "255.255.255.255"},
      {"http://[::1]", kHttp, "::1", 80, "/", "[::1]"},
      {"http://[::]:81", kHttp, "::", 81, "/", "[::]:81"},
      {"http://[2001:DB8::1]/x", kHttp, "2001:db8::1", 80, "/x", "[2001:db8::1]"},
      {"http://[1:2:3:4:5:6:7:8]", kHttp, "1:2:3:4:5:6:7:8", 80, "/", "[1:2:3:4:5:6:7:8]"},
      {"http://[1:2:3:4:5:6:7::]", kHttp, "1:2:3:4:5:6:7::", 80, "/", "[1:2:3:4:5:6:7::]"},
      {"http://[::ffff:127.0.0.1]:443", kHttp, "::ffff:127.0.0.1", 443, "/",
       "[::ffff:127.0.0.1]:443"},
      {"http://[1:2:3:4:5:6:1.2.3.4]", kHttp, "1:2:3:4:5:6:1.2.3.4", 80, "/",
       "[1:2:3:4:5:6:1.2.3.4]"},
  };
  for (const Accepted& one : cases) {
    auto url = parse_url(one.text);
    ASSERT_TRUE(url) << one.text << ": " << url.error().detail;
    EXPECT_EQ(url->scheme, one.scheme) << one.text;
    EXPECT_EQ(url->host, one.host) << one.text;
    EXPECT_EQ(url->port, one.port) << one.text;
    EXPECT_EQ(url->path, one.path) << one.text;
    EXPECT_EQ(url->authority, one.authority) << one.text;
  }
}

TEST(Url, RefusesEverythingElseAndNamesTheField) {
  const std::string cases[] = {
      // scheme
      "",
      "/",
      "//a.example",
      "a.example",
      "a.example/x",
      "http",
      "http:",
      "http:/",
      "http:/a.example",
      "http:a.example",
      "://a.example",
      "ftp://a.example",
      "file:///etc/passwd",
      "gopher://a.example",
      "javascript:alert(1)",
      "unix:///run/x.sock",
      "httpx://a.example",
      "ws://a.example",
      "http+unix://x",
      " http://a.example",
      "h\ttp://a.example",
      // user names
      "http://user@a.example",
      "http://user:pw@a.example",
      "http://@a.example",
      "http://a.example@b.example",
      "http://127.0.0.1@a.example",
      "http://a.example:80@b.example",
      // characters
      "http://a.example/ x",
      "http://a.example/\tx",
      "http://a.example/\r\nHost: b",
      "http://a.example/\n",
      std::string("http://a.example/\0x", 19),
      "http://a.example\\@b.example",
      "http://a.example/\\x",
      "http:\\\\a.example",
      "http://a.example/\x7f",
      "http://a.example/\xc3\xa9",
      "http://b\xc3\xbc"
      "cher.example",
      "http://a.example/#",
      "http://a.example#x",
      "http://a.example/%",
      "http://a.example/%2",
      "http://a.example/%zz",
      "http://a.example/%00",
      "http://a.example/x%00y",
      "http://a.example%00.b.example/",
      "http://a%2eexample/",
      // empty and malformed hosts
      "http://",
      "http:///",
      "http:///x",
      "http://?q",
      "http://:80",
      "http://.",
      "http://..",
      "http://.example",
      "http://a..example",
      "http://a.example.",
      "http://-a.example",
      "http://a-.example",
      "http://a_b.example",
      "http://a*b.example",
      "http://a,b.example",
      "http://a;b.example",
      "http://(a).example",
      "http://a.example&",
      "http://$(x)",
      // hosts that somebody might read as a number
      "http://127.1",
      "http://127.0.1",
      "http://1",
      "http://0",
      "http://2130706433",
      "http://0x7f000001",
      "http://0x7f.1",
      "http://0x7f.0.0.1",
      "http://0x",
      "http://017700000001",
      "http://0177.0.0.1",
      "http://127.0.0.01",
      "http://127.0.0.001",
      "http://00.0.0.0",
      "http://256.0.0.1",
      "http://1.2.3.256",
      "http://1.2.3.4.5",
      "http://1.2.3.4.",
      "http://1.2.3.0x4",
      "http://a.example.1",
      "http://a.0x7f",
      "http://a.0x",
      "http://4294967296",
      "http://-1",
      "http://+1.2.3.4",
      "http://1.2.3.+4",
      "http://1..2.3",
      "http://127.0.0.1.",
      "http://0300.0250.1.1",
      // IPv6
      "http://[",
      "http://[]",
      "http://[::1",
      "http://::1",
      "http://::1]/",
      "http://[::1]x",
      "http://[::1]]",
      "http://[::1%25eth0]",
      "http://[fe80::1%eth0]",
      "http://[::1%]",
      "http://[:::1]",
      "http://[1:2:3:4:5:6:7]",
      "http://[1:2:3:4:5:6:7:8:9]",
      "http://[1:2:3:4:5:6:7:8::]",
      "http://[::1::]",
      "http://[12345::]",
      "http://[g::]",
      "http://[1:]",
      "http://[:1]",
      "http://[::1.2.3]",
      "http://[::1.2.3.256]",
      "http://[::01.2.3.4]",
      "http://[1.2.3.4::]",
      "http://[1:2:3:4:5:6:7:1.2.3.4]",
      "http://[127.0.0.1]",
      "http://[a.example]",
      "http://[v1.x]",
      // ports
      "http://a.example:",
      "http://a.example:/",
      "http://a.example:0",
      "http://a.example:65536",
      "http://a.example:99999",
      "http://a.example:080",
      "http://a.example:-1",
      "http://a.example:+80",
      "http://a.example:8o",
      "http://a.example:0x50",
      "http://a.example:80:80",
      "http://a.example:000080",
      "http://a.example:4294967376",
      "http://[::1]:",
      "http://[::1]:0",
      // lengths
      "http://" + std::string(64, 'a') + ".example",
      "http://a.example/" + std::string(kMaxUrl, 'x'),
      "http://" + std::string(60, 'a') + "." + std::string(60, 'a') + "." + std::string(60, 'a') +
          "." + std::string(60, 'a') + "." + std::string(60, 'a'),
  };
  EXPECT_GE(std::size(cases), 100U);
  for (const std::string& text : cases) {
    auto url = parse_url(text);
    ASSERT_FALSE(url) << text;
    EXPECT_EQ(url.error().code, ErrorCode::kValidationFailed) << text;
    EXPECT_EQ(url.error().field, "/target/url") << text;
    EXPECT_FALSE(url.error().detail.empty()) << text;
  }
}

TEST(Url, LengthLimitIsExact) {
  std::string text = "http://a.example/";
  text.append(kMaxUrl - text.size(), 'x');
  EXPECT_TRUE(parse_url(text));
  EXPECT_FALSE(parse_url(text + "x"));
}

TEST(Url, DestinationIsSchemeHostAndPort) {
  const char* distinct[] = {"http://a.example",      "https://a.example",    "http://b.example",
                            "http://a.example:8080", "https://a.example:80", "http://[::1]"};
  std::set<uint64_t> seen;
  for (const char* text : distinct) seen.insert(destination_of(*parse_url(text)).value);
  EXPECT_EQ(seen.size(), std::size(distinct));
  EXPECT_EQ(destination_of(*parse_url("http://a.example/x")),
            destination_of(*parse_url("HTTP://A.EXAMPLE:80/y?z")));
}

}  // namespace
}  // namespace hourwheel::url_test
