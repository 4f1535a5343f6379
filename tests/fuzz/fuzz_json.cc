// JSON bodies: what is accepted has values that lie within the body, and no depth beyond the limit.
#include <cstddef>
#include <cstdint>
#include <string>

#include "api/json_reader.h"
#include "engine/base/check.h"

using namespace hourwheel;  // NOLINT(google-build-using-namespace): a program of its own

namespace {

constexpr size_t kReadable = 64;  // behind every body

void walk(const JsonValue& value, std::string_view body) {
  auto raw = value.raw();
  HW_CHECK(raw.data() >= body.data() && raw.data() + raw.size() <= body.data() + body.size(),
           "J2 a value is bytes of the body");
  if (!value.is(JsonKind::kObject) && !value.is(JsonKind::kArray)) return;
  uint32_t count = 0;
  for (auto member = value.first(); member; member = member->next()) {
    walk(*member, body);
    ++count;
  }
  HW_CHECK(count == value.size(), "an object has the members it counts");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  std::string text(reinterpret_cast<const char*>(bytes), size);
  text.append(kReadable, '\0');
  std::string_view body(text.data(), size);
  JsonReader reader;
  if (auto top = reader.parse(body)) walk(*top, body);
  return 0;
}
