// What a request with a bad key costs, among a thousand good ones: of an id that is unknown, and of
// one that is known with another secret. The two must not differ by more than noise, or callers
// could find out which ids there are (AC1).
#include <benchmark/benchmark.h>

#include <algorithm>
#include <string>

#include "api/access.h"
#include "api/key_text.h"
#include "engine/base/check.h"
#include "tests/fuzz/fake_engine.h"

namespace hourwheel {
namespace {

class ManyKeys final : public FakeEngine {
 public:
  ManyKeys() {
    for (size_t i = 0; i < kMaxApiKeys; ++i) {
      const std::string text = *new_key_text();
      const auto parsed = *parse_key_text(text);
      ApiKey key;
      key.id = std::string(parsed.id);
      if (i > 0) key.digest = digest_of(parsed);
      if (i == 0) wrong_ = text;
      key.rights = Rights::all();
      keys_.push_back(std::move(key));
    }
    std::sort(keys_.begin(), keys_.end(),
              [](const ApiKey& a, const ApiKey& b) { return a.id < b.id; });
  }
  [[nodiscard]] const std::vector<ApiKey>& keys() const override { return keys_; }
  [[nodiscard]] KeyPolicy key_policy() const override { return KeyPolicy::kAlways; }
  // Of a known id, with a secret that is not its.
  [[nodiscard]] const std::string& wrong() const { return wrong_; }

 private:
  std::vector<ApiKey> keys_;
  std::string wrong_;
};

enum class Bad : uint8_t { kUnknown, kWrong };

void ask(benchmark::State& state, Bad bad) {
  ManyKeys engine;
  const std::string field = "Bearer " + (bad == Bad::kWrong ? engine.wrong() : *new_key_text());
  const HttpField fields[] = {{"authorization", field}};
  HttpRequest request;
  request.method = "GET";
  request.fields = fields;
  Access access(engine, engine, 0);
  Now now{kFuzzNow, Monotonic{0}};
  for (auto _ : state) {
    now.mono = now.mono + minutes(10);  // whoever is refused too often is refused otherwise
    auto caller = access.admit(request, Right::kTasksRead, now);
    HW_CHECK(!caller && caller.error().code == ErrorCode::kUnauthorized, "the key opens nothing");
    benchmark::DoNotOptimize(caller);
  }
}

void BM_UnknownKey(benchmark::State& state) {
  ask(state, Bad::kUnknown);
}
BENCHMARK(BM_UnknownKey);
void BM_WrongKey(benchmark::State& state) {
  ask(state, Bad::kWrong);
}
BENCHMARK(BM_WrongKey);

}  // namespace
}  // namespace hourwheel
