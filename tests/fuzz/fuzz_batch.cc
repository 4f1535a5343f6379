// Bodies of POST /v1/tasks:batch: every entry has one result, in order, and what gets through is
// whole (FakeEngine looks at each command).
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "api/json_reader.h"
#include "tests/fuzz/fake_engine.h"

using namespace hourwheel;  // NOLINT(google-build-using-namespace): a program of its own

namespace {

constexpr size_t kReadable = 64;  // behind every body

class OneAnswer final : public HttpResponder {
 public:
  void respond(HttpToken, HttpResponse response) override {
    ++answers;
    last = std::move(response);
  }
  void stream(HttpToken, HttpResponse) override { HW_CHECK(false, "a batch is no stream"); }
  void stream_chunk(HttpToken, std::string) override {}
  void stream_last(HttpToken, std::string) override {}
  void cut_stream(HttpToken) override {}
  int answers = 0;
  HttpResponse last;
};

struct Server {
  Server() { api.set_now({kFuzzNow, {}}); }
  FakeEngine engine;
  OneAnswer answer;
  RateLimits limits;
  TaskQuotas quotas;
  Api api{{answer, engine, engine, engine, limits, engine, engine, quotas}, 0, 1};
};

std::string padded(std::string_view text) {
  std::string copy(text);
  copy.append(kReadable, '\0');
  return copy;
}

uint32_t entries_in(std::string_view text, std::string_view member, JsonReader& reader) {
  auto top = reader.parse(text);
  HW_CHECK(top.has_value(), "what is answered, and what was accepted, is JSON");
  auto list = top->find(member);
  HW_CHECK(list && list->is(JsonKind::kArray), "an array");
  return list->size();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  const std::string text = padded({reinterpret_cast<const char*>(bytes), size});
  const std::string_view body(text.data(), size);
  static const auto server = std::make_unique<Server>();
  auto& [engine, answer, limits, quotas, api] = *server;
  answer.answers = 0;
  const HttpField json{"content-type", "application/json"};
  HttpRequest request;
  request.method = "POST";
  request.path = "/v1/tasks:batch";
  request.authority = "localhost";
  request.fields = {&json, 1};
  request.body = body;
  api.on_request({0, 1}, request);
  engine.answer_all(api);
  HW_CHECK(answer.answers == 1, "A1 a call is answered once");
  HW_CHECK(answer.last.status != 500, "no body is an internal error");
  if (answer.last.status != 200) return 0;
  JsonReader asked;
  JsonReader told;
  const std::string results = padded(answer.last.body);
  HW_CHECK(entries_in(body, "operations", asked) ==
               entries_in({results.data(), answer.last.body.size()}, "results", told),
           "each entry has its result");
  return 0;
}
