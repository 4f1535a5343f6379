#include "tests/sim/trace.h"

#include <algorithm>
#include <cstdarg>
#include <cstdio>

namespace hourwheel {
namespace {

constexpr size_t kKeptLines = 2'000;

std::string formatted(const char* format, va_list arguments) {
  char buffer[512];
  int length = vsnprintf(buffer, sizeof(buffer), format, arguments);
  return {buffer, static_cast<size_t>(std::clamp(length, 0, int{sizeof(buffer)} - 1))};
}

}  // namespace

void Trace::note(const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  add(formatted(format, arguments));
  va_end(arguments);
}

void Trace::fail(const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  std::string line = formatted(format, arguments);
  va_end(arguments);
  if (failure_.empty()) failure_ = line;
  add("BROKEN: " + line);
}

void Trace::add(std::string line) {
  line.insert(0, std::to_string(now_.ms) + " ");
  for (char c : line) hash_ = (hash_ ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  if (show_ == Show::kEveryLine) std::printf("%s\n", line.c_str());
  last_.push_back(std::move(line));
  if (last_.size() > kKeptLines) last_.pop_front();
}

void Trace::print_last(size_t lines) const {
  size_t first = last_.size() > lines ? last_.size() - lines : 0;
  for (size_t i = first; i < last_.size(); ++i) std::printf("  %s\n", last_[i].c_str());
}

}  // namespace hourwheel
