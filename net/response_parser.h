// Reads one HTTP/1.x response from bytes as they come, by whatever pieces.
//
// Invariants
//   R1  How the bytes are cut makes no difference to what comes out.
//   R2  Memory is bounded by kMaxResponseHead + kMaxStoredBody + kMaxKeptFields.
//   R3  reusable() only if the next byte on the connection would begin the next response.
// Cost: the head is looked at once per piece (picohttpparser, 235 ns for seven fields); the body is
// not copied beyond what is stored. Thread: the reactor's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "engine/base/time.h"

namespace hourwheel {

enum class ResponseTo : uint8_t { kHead, kOther };  // the response to HEAD has no body
enum class Parsed : uint8_t { kNeedMore, kDone, kBad };

class ResponseParser {
 public:
  void reset(ResponseTo request);

  // Takes bytes, which it may change. `now` is what a Retry-After date is relative to. After kDone
  // and kBad nothing more is taken.
  Parsed feed(std::span<char> bytes, Instant now);
  // The peer has closed: kDone if that ends the response, else kBad.
  Parsed finish();

  // Valid after kDone.
  [[nodiscard]] uint16_t status() const { return status_; }
  [[nodiscard]] bool reusable() const { return reusable_; }
  [[nodiscard]] bool no_retry() const { return no_retry_; }
  [[nodiscard]] std::optional<Duration> retry_after() const { return retry_after_; }
  // The target says that it will report later (engine/completion.h).
  [[nodiscard]] bool deferred() const { return deferred_; }
  // The first kMaxStoredBody bytes; the caller may move it away.
  [[nodiscard]] std::string& body() { return body_; }
  // engine/response_fields.h; the caller may move it away.
  [[nodiscard]] std::string& kept_fields() { return kept_fields_; }
  // Why kBad: one coarse sentence, nothing of what the peer sent.
  [[nodiscard]] std::string_view error() const { return error_; }

 private:
  enum class Framing : uint8_t { kHead, kNone, kLength, kChunked, kUntilClose };

  Parsed feed_head(std::span<char> bytes, size_t& used, Instant now);
  Parsed feed_body(std::span<char> bytes);
  Parsed feed_length(std::span<char> bytes);
  Parsed feed_chunked(std::span<char> bytes);
  Parsed take_field(std::string_view name, std::string_view value, Instant now);
  Parsed frame(int minor_version);
  Parsed bad(std::string_view why);
  void store(std::string_view bytes);

  ResponseTo request_ = ResponseTo::kOther;
  Framing framing_ = Framing::kHead;
  Parsed state_ = Parsed::kNeedMore;
  std::string head_;
  int interim_count_ = 0;
  size_t interim_bytes_ = 0;  // of 1xx heads before this one
  size_t raw_body_ = 0;       // with chunk framing
  std::optional<uint64_t> content_length_;
  uint64_t left_ = 0;  // kLength: of the body
  bool chunked_ = false;
  bool close_ = false;
  struct ChunkState {
    size_t bytes_left_in_chunk = 0;
    char consume_trailer = 1;
    char hex_count = 0;
    char state = 0;
  } chunk_state_;

  uint16_t status_ = 0;
  bool reusable_ = false;
  bool no_retry_ = false;
  bool deferred_ = false;
  std::optional<Duration> retry_after_;
  std::string body_;
  std::string kept_fields_;
  std::string_view error_;
};

// The three forms of HTTP-date (RFC 9110 5.6.7); nullopt: none of them.
std::optional<Instant> parse_http_date(std::string_view text);

}  // namespace hourwheel
