// How long a key that is refused takes (T-02, AC1): one whose id nobody has, and one whose id is
// somebody's but whose secret is not, in turns within the same loop, 10,000 of each. A second
// series of unknown ones tells what noise is: the medians of the two lie `noise_ns` apart by
// chance alone. `apart_ns`, of wrong keys from unknown ones, is good while it is of that size.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <string>
#include <vector>

#include "api/access.h"
#include "api/key_text.h"
#include "engine/base/check.h"
#include "engine/limits.h"

namespace hourwheel {
namespace {

constexpr int64_t kSamples = 10'000;

// Nothing of a server but that it asks for keys.
class BareFacts final : public ServerFacts {
 public:
  [[nodiscard]] bool ready() const override { return true; }
  [[nodiscard]] bool draining() const override { return false; }
  [[nodiscard]] std::string_view version() const override { return ""; }
  [[nodiscard]] std::string_view commit() const override { return ""; }
  [[nodiscard]] std::string_view tzdata_version() const override { return ""; }
  [[nodiscard]] std::string_view io_backend() const override { return ""; }
  [[nodiscard]] Instant started() const override { return {}; }
  [[nodiscard]] uint32_t reactor_count() const override { return 1; }
  [[nodiscard]] KeyPolicy key_policy() const override { return KeyPolicy::kAlways; }
  [[nodiscard]] std::string_view session_secret() const override { return ""; }
  [[nodiscard]] bool dev_mode() const override { return false; }
  [[nodiscard]] bool on_loopback() const override { return false; }
  [[nodiscard]] std::string_view public_authority() const override { return ""; }
  [[nodiscard]] bool clients_certified() const override { return false; }
  [[nodiscard]] const Gauge* tls_certificate_end() const override { return nullptr; }
  [[nodiscard]] bool require_if_match() const override { return false; }
  [[nodiscard]] std::span<const ShardMetrics* const> shard_metrics() const override { return {}; }
  [[nodiscard]] std::span<const StoreMetrics* const> store_metrics() const override { return {}; }
  [[nodiscard]] const StorageMetrics& storage() const override { return storage_; }
  [[nodiscard]] const ProcessMetrics& process_metrics() const override { return process_; }
  [[nodiscard]] std::span<const Histogram* const> turn_cpu_us() const override { return {}; }
  [[nodiscard]] std::span<const HttpCounters* const> http_counters() const override { return {}; }
  [[nodiscard]] std::span<const Counter* const> tls_handshakes() const override { return {}; }
  [[nodiscard]] std::span<const Counter* const> tls_resumed() const override { return {}; }
  [[nodiscard]] std::span<const Counter* const> client_handshakes() const override { return {}; }
  [[nodiscard]] std::span<const Counter* const> client_handshakes_failed() const override {
    return {};
  }

 private:
  StorageMetrics storage_;
  ProcessMetrics process_;
};

class KeysAlone final : public SystemDoor {
 public:
  [[nodiscard]] const Pauses& pauses() const override { return pauses_; }
  [[nodiscard]] const std::vector<ApiKey>& keys() const override { return keys_; }
  [[nodiscard]] const std::vector<StoredSecret>& secrets() const override { return secrets_; }
  [[nodiscard]] bool post(SystemRequest /*request*/) override { return false; }

  // This text has the id of a key from now on, and not its secret.
  void add_id_of(const std::string& text) {
    ApiKey key;
    key.id = std::string(parse_key_text(text)->id);
    key.digest.fill(0x5a);
    auto place =
        std::lower_bound(keys_.begin(), keys_.end(), key.id,
                         [](const ApiKey& one, const std::string& id) { return one.id < id; });
    keys_.insert(place, std::move(key));
  }

 private:
  Pauses pauses_;
  std::vector<ApiKey> keys_;
  std::vector<StoredSecret> secrets_;
};

std::vector<std::string> bearers(size_t count) {
  std::vector<std::string> texts;
  while (texts.size() < count) texts.push_back(*new_key_text());
  return texts;
}

double median(std::vector<double>& values) {
  auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// One refusal, in nanoseconds. A minute has passed since the one before: nobody asks too often.
double refuse_one(Access& access, const std::string& text, Now& now) {
  const std::string field = "Bearer " + text;
  const std::array<HttpField, 1> fields{HttpField{"authorization", field}};
  HttpRequest request;
  request.method = "GET";
  request.fields = fields;
  now.mono = now.mono + minutes(1);
  const auto begin = std::chrono::steady_clock::now();
  auto caller = access.admit(request, Right::kTasksRead, now);
  const auto end = std::chrono::steady_clock::now();
  HW_CHECK(!caller && caller.error().code == ErrorCode::kUnauthorized, "AC1: the key is refused");
  benchmark::DoNotOptimize(caller);
  return std::chrono::duration<double, std::nano>(end - begin).count();
}

// As many keys as there may be: what a look-up can tell is told by all of its steps.
void BM_RefusedKey(benchmark::State& state) {
  const BareFacts facts;
  KeysAlone system;
  const std::vector<std::string> wrong = bearers(kMaxApiKeys);
  for (const std::string& text : wrong) system.add_id_of(text);
  const std::array<std::vector<std::string>, 2> unknown{bearers(kMaxApiKeys), bearers(kMaxApiKeys)};
  const std::array<const std::vector<std::string>*, 3> series{unknown.data(), &wrong, &unknown[1]};
  std::array<std::vector<double>, 3> took;
  Access access(facts, system, 0);
  Now now{Instant{1'767'225'600'000}, Monotonic{0}};
  size_t sample = 0;
  for (auto _ : state) {
    // Each is the first of the three as often as the others: what one leaves in the caches is the
    // next one's.
    for (size_t place = 0; place < series.size(); ++place) {
      const size_t which = (sample + place) % series.size();
      const std::vector<std::string>& texts = *series[which];
      took[which].push_back(refuse_one(access, texts[(sample * 7) % texts.size()], now));
    }
    ++sample;
  }
  const double noise = median(took[0]) - median(took[2]);
  state.counters["unknown_ns"] = median(took[0]);
  state.counters["wrong_ns"] = median(took[1]);
  state.counters["apart_ns"] = median(took[1]) - (median(took[0]) + median(took[2])) / 2;
  state.counters["noise_ns"] = std::abs(noise);
}
BENCHMARK(BM_RefusedKey)->Iterations(kSamples)->Repetitions(5);

}  // namespace
}  // namespace hourwheel
