// What a signature adds to an attempt: one secret and a body of 200 bytes, the same with eight
// secrets, with a large body; and the whole request with and without it.
//   build/bench/bench/microbench --benchmark_filter=Sign
#include <benchmark/benchmark.h>

#include "net/attempt_request.h"

namespace hourwheel {
namespace {

std::unique_ptr<Signer> signer_of(int64_t secrets) {
  std::vector<SigningSecret> list;
  for (int64_t i = 0; i < secrets; ++i) list.push_back({std::string(32, static_cast<char>(i))});
  return std::move(*Signer::create(list));
}

void SignBody(benchmark::State& state) {
  auto signer = signer_of(state.range(0));
  const std::string body(static_cast<size_t>(state.range(1)), 'x');
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        signer->sign({"run-1kt7y337a3hd88djvtqb2236tx-3-1795489400000", "1795489400", body}));
  }
}

void SignRequest(benchmark::State& state) {
  auto signer = signer_of(1);
  TaskSpec spec;
  spec.id = "tsk_01j0000000000000000000000";
  spec.target.kind = TargetKind::kHttp;
  spec.target.url = "http://127.0.0.1:9000/hook";
  spec.target.sign = state.range(0) != 0;
  spec.payload_kind = PayloadKind::kJson;
  spec.payload = std::string(200, 'x');
  spec.content_type = "application/json";
  const AttemptStart start{.token = {},
                           .spec = spec,
                           .task = {1, 2},
                           .run = {{1}, Trigger::kSchedule, 1'795'489'400'000},
                           .task_version = {1},
                           .due = {1'795'489'400'000},
                           .now = {1'795'489'400'000}};
  const auto url = parse_url(spec.target.url);
  for (auto _ : state) benchmark::DoNotOptimize(attempt_request(start, *url, *signer));
}

BENCHMARK(SignBody)->Args({1, 200})->Args({8, 200})->Args({1, 256 * 1024});
BENCHMARK(SignRequest)->Arg(0)->Arg(1);

}  // namespace
}  // namespace hourwheel
