// Writes JSON into a string. Names are ours and never need escapes; strings are the users' and are
// scanned eight bytes at a time for the few bytes that do.
//
// Requires: what it is given is valid UTF-8 (the reader lets nothing else in).
// Cost: an append a value. Thread: any, one at a time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/time.h"

namespace hourwheel {

// Appends text with quotes and escapes.
void append_json_string(std::string& out, std::string_view text);

class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}

  void begin_object() { open('{'); }
  void end_object() { close('}'); }
  void begin_array() { open('['); }
  void end_array() { close(']'); }

  // What follows stands under this name, which needs no escapes. Callers' own names go through
  // user_name().
  void name(std::string_view name);
  void user_name(std::string_view name);

  void string(std::string_view text);
  void number(int64_t value);
  void count(uint64_t value);
  void real(double value);
  void boolean(bool value);  // NOLINT: a value to write, not a switch of behaviour
  void null() { raw("null"); }
  void instant(Instant t);
  void duration(Duration d);
  // Already JSON.
  void raw(std::string_view json);

 private:
  void open(char c);
  void close(char c);
  void separate();

  std::string& out_;
  bool comma_ = false;  // the next value or name needs a comma before it
};

}  // namespace hourwheel
