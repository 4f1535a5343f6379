// What TLS costs an attempt, the other side included, all in memory and on one core: a handshake
// with the proof of a chain of two, a resumed one, and a request of 900 bytes with its answer.
//   build/bench/bench/microbench --benchmark_filter=Tls
#include <benchmark/benchmark.h>

#include "engine/base/check.h"
#include "net/tls_client.h"
#include "tools/wire/tls_server.h"

namespace hourwheel {
namespace {

constexpr Now kNow{Instant{1'716'478'200'123}, Monotonic{50'000}};

class Sides {
 public:
  explicit Sides(TargetTls settings = {}) {
    settings.ca = authority_.pem;
    target_ = *TlsTarget::create(1, "a.example", settings);
  }
  // Sessions are as good as new ones once they are an hour old.
  void connect(Now now) {
    client_stream_ = client_->connect(*target_, now);
    server_stream_ = std::make_unique<TlsServerStream>(server_);
    carry();
    HW_CHECK(client_stream_->state() == TlsState::kOpen, "the server proves itself");
  }
  [[nodiscard]] bool resumed() const { return client_stream_->resumed(); }
  void exchange(std::string_view request, std::string_view answer) {
    received_.clear();
    heard_.clear();
    client_stream_->write(request);
    carry();
    server_stream_->write(answer);
    carry();
    HW_CHECK(received_.size() == request.size() && heard_.size() == answer.size(), "all came");
  }

 private:
  void carry() {
    while (true) {
      const std::string out = client_stream_->take_output();
      if (!out.empty()) server_stream_->receive(out, received_);
      const std::string back = server_stream_->take_output();
      if (!back.empty()) client_stream_->receive(back, heard_);
      if (out.empty() && back.empty()) return;
    }
  }

  Certificate authority_ = make_certificate({{}, kNow.utc - hours(1), kNow.utc + hours(24 * 365)});
  TlsServer server_{make_certificate(
      {{"a.example"}, kNow.utc - hours(1), kNow.utc + hours(24 * 365)}, &authority_)};
  std::unique_ptr<TlsClient> client_ = *TlsClient::create({});
  std::unique_ptr<TlsTarget> target_;
  std::unique_ptr<TlsStream> client_stream_;
  std::unique_ptr<TlsServerStream> server_stream_;
  std::string received_;
  std::string heard_;
};

void TlsHandshake(benchmark::State& state) {
  Sides sides;
  Now now = kNow;
  for (auto _ : state) {
    now.mono = now.mono + kMaxTlsSessionAge;
    sides.connect(now);
    HW_CHECK(!sides.resumed(), "L2");
  }
}

void TlsResumedHandshake(benchmark::State& state) {
  Sides sides;
  sides.connect(kNow);
  for (auto _ : state) {
    sides.connect(kNow);
    HW_CHECK(sides.resumed(), "the session was kept");
  }
}

void TlsRequest(benchmark::State& state) {
  Sides sides;
  sides.connect(kNow);
  const std::string request(900, 'r');
  const std::string answer(100, 'a');
  for (auto _ : state) sides.exchange(request, answer);
}

BENCHMARK(TlsHandshake)->Unit(benchmark::kMicrosecond);
BENCHMARK(TlsResumedHandshake)->Unit(benchmark::kMicrosecond);
BENCHMARK(TlsRequest)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace hourwheel
