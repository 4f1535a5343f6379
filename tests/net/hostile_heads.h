// Requests that must not get through, or not without ending their connection: used against the
// guard alone and against a whole server.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace hourwheel {

// Whose answer it is: what h2o's parser cannot read it answers itself, in plain text, by a write
// that nothing can replace.
enum class AnsweredBy : uint8_t { kServer, kParser };

struct HostileRequest {
  std::string name;
  std::string bytes;
  // What the guard says of the head; 0: it passes. (h2o may refuse first, or alone.)
  int guard_status = 400;
  // What a server answers to it; 0: nothing but the close is asked for.
  int answer_status = 400;
  AnsweredBy by = AnsweredBy::kServer;
};

inline std::string hostile_fields(int count) {
  std::string text = "GET / HTTP/1.1\r\nHost: x\r\n";
  for (int i = 1; i < count; ++i) text += "f" + std::to_string(i) + ": v\r\n";
  return text + "\r\n";
}

// Each ends its connection; behind some lies a second request ("/smuggled") that nobody may see.
inline std::vector<HostileRequest> hostile_requests() {
  using namespace std::string_literals;
  const std::string post = "POST / HTTP/1.1\r\nHost: x\r\n";
  const std::string chunked = post + "Transfer-Encoding: chunked\r\n\r\n";
  const std::string chunks = "5\r\nhello\r\n0\r\n\r\n";
  const std::string second = "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n";
  return {
      {"LengthThenEncoding",
       post + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks},
      {"EncodingThenLength",
       post + "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n" + chunks},
      {"LengthAndEncodingWithASecondRequest",
       post + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks + second},
      {"TwoLengths", post + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello" + second},
      {"TheSameLengthTwice", post + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello"},
      {"EncodingInHttp10",
       "POST / HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks},
      {"TwoEncodings",
       post + "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks},
      {"FoldedField", "GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n"},
      {"FoldedEncoding", post + "Transfer-Encoding:\r\n chunked\r\n\r\n" + chunks},
      {"BareLf", "GET / HTTP/1.1\nHost: x\n\n"},
      {"BareLfInOneField", "GET / HTTP/1.1\r\nHost: x\nA: b\r\n\r\n"},
      {"TwoHosts", "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n"},
      {"NoHost", "GET / HTTP/1.1\r\nA: b\r\n\r\n"},
      {"UnknownMinorVersion", "GET / HTTP/1.9\r\nHost: x\r\n\r\n"},
      {"LengthAsList", post + "Content-Length: 5, 5\r\n\r\nhello"},
      {"LengthWithSign", post + "Content-Length: +5\r\n\r\nhello"},
      {"LengthInHex", post + "Content-Length: 0x5\r\n\r\nhello"},
      {"LengthThatOverflows", post + "Content-Length: 18446744073709551615\r\n\r\nhello"},
      {"EmptyLength", post + "Content-Length:\r\n\r\nhello"},
      {"UnknownEncoding", post + "Transfer-Encoding: xchunked\r\n\r\n" + chunks},
      {"ListOfEncodings", post + "Transfer-Encoding: gzip, chunked\r\n\r\n" + chunks},
      {"SpaceBeforeTheColon", post + "Transfer-Encoding : chunked\r\n\r\n" + chunks, 400, 400,
       AnsweredBy::kParser},
      {"VerticalTab", post + "Transfer-Encoding: \vchunked\r\n\r\n" + chunks, 400, 400,
       AnsweredBy::kParser},
      {"Nul", "GET / HTTP/1.1\r\nHost: x\r\nA: b\0c\r\n\r\n"s, 400, 400, AnsweredBy::kParser},
      {"BareCr", "GET / HTTP/1.1\r\nHost: x\r\nA: b\rC: d\r\n\r\n", 400, 400, AnsweredBy::kParser},
      {"Http2Preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, 400, AnsweredBy::kParser},
      {"UpgradeToHttp2",
       "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
       "HTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n"},
      {"AbsoluteTarget", "GET http://x/ HTTP/1.1\r\nHost: x\r\n\r\n"},
      {"Connect", "CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n"},
      {"ManyFields", hostile_fields(101), 431, 400, AnsweredBy::kParser},
      {"LargeHead", "GET / HTTP/1.1\r\nHost: x\r\nA: " + std::string(33'000, 'a') + "\r\n\r\n", 431,
       431},
      // The framing of chunks is h2o's to read; whatever it made of it, nothing follows.
      {"ChunkSizeInHexNotation", chunked + "0x5\r\nhello\r\n0\r\n\r\n" + second, 0, 0},
      {"ChunksWithBareLf", chunked + "5\nhello\n0\n\n" + second, 0, 0},
      {"ChunkExtensions", chunked + "5;a=b\r\nhello\r\n0\r\n\r\n" + second, 0, 200},
      {"ChunkOverrun", chunked + "5\r\nhelloworld\r\n0\r\n\r\n" + second, 0, 0},
  };
}

}  // namespace hourwheel
