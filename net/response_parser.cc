#include "net/response_parser.h"

#include <sys/types.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

#include "engine/limits.h"
#include "engine/response_fields.h"

// Exported by libh2o, whose development package lacks the header (picohttpparser.h). A link test
// and the tests of this parser notice if that ever changes.
extern "C" {
// The names are the library's.
struct phr_header {  // NOLINT(readability-identifier-naming)
  const char* name;
  size_t name_len;
  const char* value;
  size_t value_len;
};
struct phr_chunked_decoder {  // NOLINT(readability-identifier-naming)
  size_t bytes_left_in_chunk;
  char consume_trailer;
  char _hex_count;
  char _state;
};
int phr_parse_response(const char* buffer, size_t length, int* minor_version, int* status,
                       const char** message, size_t* message_length, phr_header* headers,
                       size_t* header_count, size_t last_length);
ssize_t phr_decode_chunked(phr_chunked_decoder* decoder, char* buffer, size_t* size);
}

namespace hourwheel {
namespace {

constexpr size_t kMaxFields = 100;
constexpr std::string_view kVersion = "HTTP/1.";
constexpr int kMaxInterim = 16;                               // 1xx before the response
constexpr int64_t kMaxRetryAfterSeconds = 366LL * 24 * 3600;  // the engine's max_age is far less

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
bool same(std::string_view a, std::string_view lower_b) {
  return std::equal(a.begin(), a.end(), lower_b.begin(), lower_b.end(),
                    [](char x, char y) { return lower(x) == y; });
}
std::string_view without_blanks(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Digits and nothing else; nullopt also beyond 64 bits.
std::optional<uint64_t> digits(std::string_view text) {
  uint64_t number = 0;
  if (text.empty() || text[0] == '+' || text[0] == '-') return std::nullopt;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

bool has_token(std::string_view list, std::string_view token) {
  while (!list.empty()) {
    size_t comma = list.find(',');
    if (same(without_blanks(list.substr(0, comma)), token)) return true;
    if (comma == std::string_view::npos) return false;
    list.remove_prefix(comma + 1);
  }
  return false;
}

std::optional<Duration> parse_retry_after(std::string_view value, Instant now) {
  if (auto number = digits(value)) {
    return seconds(
        static_cast<int64_t>(std::min(*number, static_cast<uint64_t>(kMaxRetryAfterSeconds))));
  }
  auto date = parse_http_date(value);
  if (!date) return std::nullopt;
  Duration wait = *date - now;
  return std::clamp(wait, Duration{0}, seconds(kMaxRetryAfterSeconds));
}

std::optional<unsigned> month_of(std::string_view name) {
  constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  for (unsigned i = 0; i < kMonths.size(); ++i) {
    if (name == kMonths[i]) return i + 1;
  }
  return std::nullopt;
}

struct DateParts {
  std::string_view day, month, year, time;
};

std::optional<Instant> instant_of(const DateParts& parts) {
  auto day = digits(without_blanks(parts.day));
  auto month = month_of(parts.month);
  auto year = digits(parts.year);
  if (!day || !month || !year || parts.time.size() != 8) return std::nullopt;
  if (parts.time[2] != ':' || parts.time[5] != ':') return std::nullopt;
  auto hour = digits(parts.time.substr(0, 2));
  auto minute = digits(parts.time.substr(3, 2));
  auto second = digits(parts.time.substr(6, 2));
  if (!hour || !minute || !second || *hour > 23 || *minute > 59 || *second > 60) {
    return std::nullopt;
  }
  // RFC 850 years have two digits; such a date is old software of this or the last century.
  if (parts.year.size() == 2) *year += *year < 70 ? 2000 : 1900;
  if (*year < 1970 || *year > 9999 || *day > 31) return std::nullopt;
  std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*year)),
                                   std::chrono::month(*month),
                                   std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  auto of_day = static_cast<int64_t>(*hour * 3600 + *minute * 60 + *second);
  return Instant{(days * 86'400 + of_day) * 1000};
}

}  // namespace

std::optional<Instant> parse_http_date(std::string_view text) {
  size_t comma = text.find(',');
  // "Sun, 06 Nov 1994 08:49:37 GMT"
  if (comma == 3 && text.size() == 29 && text.substr(25) == " GMT") {
    return instant_of(
        {text.substr(5, 2), text.substr(8, 3), text.substr(12, 4), text.substr(17, 8)});
  }
  // "Sunday, 06-Nov-94 08:49:37 GMT"
  if (comma != std::string_view::npos && text.size() == comma + 24) {
    std::string_view rest = text.substr(comma + 2);
    if (rest[2] != '-' || rest[6] != '-' || rest.substr(18) != " GMT") return std::nullopt;
    return instant_of(
        {rest.substr(0, 2), rest.substr(3, 3), rest.substr(7, 2), rest.substr(10, 8)});
  }
  // "Sun Nov  6 08:49:37 1994"
  if (comma == std::string_view::npos && text.size() == 24) {
    return instant_of(
        {text.substr(8, 2), text.substr(4, 3), text.substr(20, 4), text.substr(11, 8)});
  }
  return std::nullopt;
}

void ResponseParser::reset(ResponseTo request) {
  *this = ResponseParser();
  request_ = request;
}

Parsed ResponseParser::feed(std::span<char> bytes, Instant now) {
  while (state_ == Parsed::kNeedMore && !bytes.empty()) {
    if (framing_ != Framing::kHead) return state_ = feed_body(bytes);
    size_t used = 0;
    state_ = feed_head(bytes, used, now);
    bytes = bytes.subspan(used);
  }
  if (!bytes.empty()) reusable_ = false;  // R3
  return state_;
}

Parsed ResponseParser::finish() {
  if (state_ != Parsed::kNeedMore) return state_;
  if (framing_ == Framing::kUntilClose) return state_ = Parsed::kDone;
  return state_ = bad("the connection closed in the middle of the response");
}

Parsed ResponseParser::feed_head(std::span<char> bytes, size_t& used, Instant now) {
  const size_t seen = head_.size();
  // What lies beyond the limit can only be body: it is looked at only if a head ends before.
  const size_t room = kMaxResponseHead - interim_bytes_ - seen;
  used = std::min(room, bytes.size());
  head_.append(bytes.data(), used);
  // What begins otherwise may never end a line, and would only be noticed by its time-out.
  if (!head_.starts_with(kVersion.substr(0, head_.size()))) {
    return bad("the response is not HTTP/1.x");
  }
  int minor = 0;
  int status = 0;
  const char* message = nullptr;
  size_t message_length = 0;
  std::array<phr_header, kMaxFields> fields;
  size_t count = fields.size();
  const int length = phr_parse_response(head_.data(), head_.size(), &minor, &status, &message,
                                        &message_length, fields.data(), &count, seen);
  if (length == -2) {
    return used == room ? bad("the response's head is larger than 64 KiB") : Parsed::kNeedMore;
  }
  if (length < 0) return bad("the response is not HTTP/1.x");
  if (status < 100 || status > 599 || status == 101) {
    return bad("the response's status is not one of HTTP");
  }
  // All that was seen before was needed, so the head ends within this piece.
  used = static_cast<size_t>(length) - std::min(seen, static_cast<size_t>(length));
  if (status < 200) {  // interim: another head follows
    interim_bytes_ += static_cast<size_t>(length);
    head_.clear();
    return ++interim_count_ > kMaxInterim ? bad("the response has too many interim heads")
                                          : Parsed::kNeedMore;
  }
  status_ = static_cast<uint16_t>(status);
  no_retry_ = status == 410;
  for (size_t i = 0; i < count; ++i) {
    if (fields[i].name == nullptr) return bad("the response folds a header field over two lines");
    std::string_view value(fields[i].value, fields[i].value_len);
    Parsed field = take_field({fields[i].name, fields[i].name_len}, without_blanks(value), now);
    if (field == Parsed::kBad) return field;
  }
  head_.clear();
  return frame(minor);
}

Parsed ResponseParser::take_field(std::string_view name, std::string_view value, Instant now) {
  keep_response_field(kept_fields_, name, value);
  if (same(name, "content-length")) {
    auto length = digits(value);
    if (!length || (content_length_ && *content_length_ != *length)) {
      return bad("the response's Content-Length is not one number");
    }
    content_length_ = length;
  } else if (same(name, "transfer-encoding")) {
    if (chunked_ || !same(value, "chunked")) {
      return bad("the response's Transfer-Encoding is not chunked");
    }
    chunked_ = true;
  } else if (same(name, "connection")) {
    close_ = close_ || has_token(value, "close");
  } else if (same(name, "retry-after")) {
    retry_after_ = parse_retry_after(value, now);
  } else if (same(name, "x-no-retry")) {
    no_retry_ = no_retry_ || value == "1";
  } else if (same(name, "hourwheel-completion")) {
    deferred_ = deferred_ || value == "deferred";
  }
  return Parsed::kNeedMore;
}

// How the body is delimited (RFC 9112 6.3), and whether the connection outlives it.
Parsed ResponseParser::frame(int minor_version) {
  if (chunked_ && minor_version == 0) return bad("the response is chunked in HTTP/1.0");
  // A length beside chunks is an old trick to make two readers disagree.
  reusable_ = minor_version >= 1 && !close_ && !(chunked_ && content_length_);
  if (request_ == ResponseTo::kHead || status_ == 204 || status_ == 304) {
    framing_ = Framing::kNone;
    return Parsed::kDone;
  }
  if (chunked_) {
    framing_ = Framing::kChunked;
    return Parsed::kNeedMore;
  }
  if (!content_length_) {
    framing_ = Framing::kUntilClose;
    reusable_ = false;
    return Parsed::kNeedMore;
  }
  framing_ = Framing::kLength;
  left_ = *content_length_;
  return left_ == 0 ? Parsed::kDone : Parsed::kNeedMore;
}

Parsed ResponseParser::feed_body(std::span<char> bytes) {
  size_t room = kMaxResponseBody - raw_body_;
  const bool too_long = bytes.size() > room;
  if (too_long) bytes = bytes.first(room);
  raw_body_ += bytes.size();
  Parsed parsed = Parsed::kNeedMore;
  if (framing_ == Framing::kLength) {
    parsed = feed_length(bytes);
  } else if (framing_ == Framing::kChunked) {
    parsed = feed_chunked(bytes);
  } else {
    store({bytes.data(), bytes.size()});
  }
  if (too_long && parsed != Parsed::kBad) {
    // The status is what counts; the rest is not worth reading.
    reusable_ = false;
    return Parsed::kDone;
  }
  return parsed;
}

Parsed ResponseParser::feed_length(std::span<char> bytes) {
  auto taken = static_cast<size_t>(std::min<uint64_t>(left_, bytes.size()));
  store({bytes.data(), taken});
  left_ -= taken;
  if (left_ > 0) return Parsed::kNeedMore;
  if (taken < bytes.size()) reusable_ = false;  // R3
  return Parsed::kDone;
}

Parsed ResponseParser::feed_chunked(std::span<char> bytes) {
  phr_chunked_decoder decoder{chunk_state_.bytes_left_in_chunk, chunk_state_.consume_trailer,
                              chunk_state_.hex_count, chunk_state_.state};
  size_t size = bytes.size();
  ssize_t rest = phr_decode_chunked(&decoder, bytes.data(), &size);
  chunk_state_ = {decoder.bytes_left_in_chunk, decoder.consume_trailer, decoder._hex_count,
                  decoder._state};
  if (rest == -1) return bad("the response's chunks are malformed");
  store({bytes.data(), size});
  if (rest == -2) return Parsed::kNeedMore;
  if (rest > 0) reusable_ = false;  // R3
  return Parsed::kDone;
}

Parsed ResponseParser::bad(std::string_view why) {
  error_ = why;
  reusable_ = false;
  return Parsed::kBad;
}

void ResponseParser::store(std::string_view bytes) {
  if (body_.size() < kMaxStoredBody) body_.append(bytes.substr(0, kMaxStoredBody - body_.size()));
}

}  // namespace hourwheel
