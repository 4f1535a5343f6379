// A task's JSON in (parse, validate, compile the schedule) and out, for one object with an HTTP
// target, a header, labels and a small payload.
#include <benchmark/benchmark.h>

#include <string>

#include "api/json_reader.h"
#include "api/json_writer.h"
#include "api/task_json.h"
#include "engine/base/check.h"

namespace hourwheel {
namespace {

constexpr Instant kNow{1'767'225'600'000};
const char* const kBody =
    R"({"id":"invoice-2026-0001","schedule":"2026-02-01T00:00:00Z","description":"Send invoice",)"
    R"("labels":{"team":"billing","kind":"invoice"},"target":{"kind":"http",)"
    R"("url":"http://hooks.example.com/invoices?source=hourwheel","headers":{"X-Trace":"abc"}},)"
    R"("payload":{"invoice":20260001,"amount":"12.50","lines":[1,2,3]}})";

std::string padded() {
  return kBody + std::string(64, '\0');
}

void BM_ParseOnly(benchmark::State& state) {
  JsonReader reader;
  std::string body = padded();
  std::string_view text = std::string_view(body).substr(0, body.size() - 64);
  for (auto _ : state) {
    auto top = reader.parse(text);
    HW_CHECK(top.has_value(), "the body is good");
    benchmark::DoNotOptimize(top);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(text.size()));
}
BENCHMARK(BM_ParseOnly);

void BM_TaskIn(benchmark::State& state) {
  JsonReader reader;
  std::string body = padded();
  std::string_view text = std::string_view(body).substr(0, body.size() - 64);
  for (auto _ : state) {
    auto top = reader.parse(text);
    FieldErrors errors;
    auto task = read_task(*top, {Shape::kV1, kNow}, errors);
    HW_CHECK(task.has_value(), "the task is good");
    benchmark::DoNotOptimize(task);
  }
}
BENCHMARK(BM_TaskIn);

void BM_TaskOut(benchmark::State& state) {
  JsonReader reader;
  std::string body = padded();
  auto top = reader.parse(std::string_view(body).substr(0, body.size() - 64));
  FieldErrors errors;
  auto task = read_task(*top, {Shape::kV1, kNow}, errors);
  TaskState stored;
  stored.next_due = kNow;
  TaskKey key = task_key(task->spec->id);
  std::string out;
  for (auto _ : state) {
    out.clear();
    JsonWriter json(out);
    write_task(json, {key, *task->spec, stored, std::nullopt});
    benchmark::DoNotOptimize(out.data());
  }
  state.counters["bytes"] = static_cast<double>(out.size());
}
BENCHMARK(BM_TaskOut);

}  // namespace
}  // namespace hourwheel
