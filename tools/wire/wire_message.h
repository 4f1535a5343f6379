// A reader of HTTP/1.1 messages for the programs in tools/ only: it looks at bytes that have
// arrived and says whether a whole message is there. It copies nothing, so a message lives as long
// as the bytes it was read from. The server has a reader of its own, which trusts nobody; this one
// is for loopback and refuses whatever it does not understand.
//
// Cost: one pass over the head; a body is found by its length. A chunked body (answers only: lists
// may be streamed) is walked chunk by chunk and left as it came.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace hourwheel {

struct WireField {
  std::string_view name;
  std::string_view value;
};

struct WireMessage {
  static constexpr size_t kMaxFields = 64;

  std::string_view method;  // of a request
  std::string_view path;    // of a request, with its query
  int status = 0;           // of an answer
  std::array<WireField, kMaxFields> fields;
  size_t field_count = 0;
  std::string_view body;  // of a chunked answer: with the chunk sizes still in it
  bool keep_alive = true;
  size_t size = 0;  // of the whole message in bytes

  // The value of a field, found without regard to case; empty when it is not there.
  [[nodiscard]] std::string_view field(std::string_view name) const;
};

enum class WireReading : uint8_t {
  kIncomplete,  // more bytes are needed
  kComplete,    // message.size bytes are one whole message
  kBroken,      // this will never become a message we accept
};

inline constexpr size_t kMaxWireHead = 64 * 1024;
inline constexpr size_t kMaxWireBody = 64 * 1024 * 1024;

WireReading read_wire_request(std::string_view bytes, WireMessage& message);
WireReading read_wire_response(std::string_view bytes, WireMessage& message);

// The value of `name` in the query of a path ("/seen?id=run-1"); empty when it is not there.
std::string_view query_value(std::string_view path, std::string_view name);

}  // namespace hourwheel
