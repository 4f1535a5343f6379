#include "tools/hourwheel/reactor_thread.h"

#include <ifaddrs.h>
#include <pthread.h>

#include <optional>
#include <random>
#include <string>
#include <utility>

#include "api/api.h"
#include "api/callback_payload.h"
#include "engine/shard.h"
#include "net/completion_links.h"
#include "net/event_loop.h"
#include "net/http_server.h"
#include "net/reactor.h"
#include "net/resolver.h"
#include "net/system_clock.h"
#include "net/webhook_dispatcher.h"
#include "tools/hourwheel/egress_range.h"
#include "tools/hourwheel/facts.h"
#include "tools/hourwheel/public_url.h"

namespace hourwheel {
namespace {

// For ids and jitter.
uint64_t random_seed() {
  std::random_device device;
  return (uint64_t{device()} << 32) | device();
}

EgressMode mode_of(const ServeOptions& options) {
  return options.dev ? EgressMode::kDevelopment : EgressMode::kPublicOnly;
}

// What a wildcard listen address stands for: no task may call this server itself.
std::vector<Address> interface_addresses() {
  std::vector<Address> addresses;
  ifaddrs* list = nullptr;
  if (getifaddrs(&list) != 0) return addresses;
  for (ifaddrs* one = list; one != nullptr; one = one->ifa_next) {
    if (one->ifa_addr == nullptr) continue;
    if (auto address = from_sockaddr(*one->ifa_addr)) addresses.push_back(*address);
  }
  freeifaddrs(list);
  return addresses;
}

}  // namespace

// Everything that must be made, used and destroyed on the reactor's thread, in this order.
class ReactorThread::Body {
 public:
  Body(const ReactorPlan& plan, ServerState& state)
      : plan_(plan), state_(state), connections_(plan.connections) {}

  ~Body() {
    server_.reset();  // before the Api: what is still open is answered through it
    if (loop_) loop_->unwatch(state_.board->bell(plan_.index).fd());
    if (loop_ && io_ && io_->wake_fd() >= 0) loop_->unwatch(io_->wake_fd());
  }

  Status build() {
    auto loop = EventLoop::create();
    if (!loop) return failure(std::move(loop.error()));
    loop_ = std::move(*loop);
    auto io = make_io(plan_.io, loop_->base());
    if (!io) return failure(std::move(io.error()));
    if (plan_.index == 0) state_.log.say(LogLevel::kInfo, "attempts: " + io->reason);
    io_ = std::move(io->io);
    auto resolver = Resolver::create(loop_->base(), {});
    if (!resolver) return failure(std::move(resolver.error()));
    resolver_ = std::move(*resolver);
    auto signer = Signer::create(state_.signing_secrets);
    if (!signer) return failure(std::move(signer.error()));
    signer_ = std::move(*signer);
    auto tls = TlsClient::create(state_.roots);
    if (!tls) return failure(std::move(tls.error()));
    tls_ = std::move(*tls);
    links_.emplace(state_.secret_box->derive(HmacCompletionLinks::kPurpose));
    dispatcher_.emplace(*io_, *resolver_, policy_, *signer_, *tls_);
    dispatcher_->set_links(*links_);
    if (auto watched = watch(); !watched) return watched;
    reactor_.emplace(plan_.index,
                     ReactorParts{*loop_, *io_, *dispatcher_, *state_.board, *state_.secret_box});
    reactor_->set_partition_map(state_.folder->partition_map());
    server_.emplace(*loop_, connections_, *reactor_);
    if (state_.tls != nullptr) server_->set_tls(share(state_.tls->context()));
    facts_.emplace(state_, *reactor_, public_url_, std::string(io_->name()));
    api_.emplace(Calls::Doors{*server_, *reactor_, *facts_, *reactor_, state_.rate_limits,
                              state_.log, *links_, state_.quotas},
                 plan_.index, random_seed());
    reactor_->serve({*api_, *api_, *server_});
    build_shards();
    state_.http_counters[plan_.index] = &api_->http_counters();
    state_.turn_cpu_us[plan_.index] = &reactor_->turn_cpu_us();
    state_.tls_handshakes[plan_.index] = &dispatcher_->counters().tls_handshakes;
    state_.tls_resumed[plan_.index] = &dispatcher_->counters().tls_resumed;
    state_.client_handshakes[plan_.index] = &server_->tls_counters().handshakes;
    state_.client_handshakes_failed[plan_.index] = &server_->tls_counters().failed;
    return {};
  }

  Result<Address> listen(const ListenPlace& place) {
    const Listener::Destination to{connections_, *server_};
    auto listener = place.passed
                        ? Listener::share(*loop_, place, to)
                        : Listener::open(*loop_, place.address,
                                         plan_.index == 0 ? PortUse::kAlone : PortUse::kJoin, to);
    if (!listener) return failure(std::move(listener.error()));
    Address bound = (*listener)->address();
    policy_ = EgressPolicy(mode_of(state_.options), {bound}, interface_addresses(),
                           egress_ranges(state_.options.egress_allow));
    public_url_ = public_url_at(bound);
    links_->set_base(public_url_.base);
    if (plan_.index == 0) {
      say_where_targets_report();
      say_what_is_open();
    }
    reactor_->listen(std::move(*listener));
    return bound;
  }

  void run() { reactor_->run(); }

 private:
  [[nodiscard]] PublicUrl public_url_at(const Address& bound) const {
    // What the options name was checked where they were read.
    if (auto named = parse_public_url(state_.options.public_url)) return *std::move(named);
    return public_url_of(bound, state_.tls == nullptr ? Scheme::kHttp : Scheme::kHttps);
  }

  void say_where_targets_report() const {
    state_.log.say(LogLevel::kInfo,
                   public_url_.base.empty()
                       ? "where targets reach this server is not known: without --public-url no "
                         "task may let its target report later"
                       : "targets that report later do so at " + public_url_.base);
  }

  // Beyond public addresses.
  void say_what_is_open() const {
    if (state_.options.dev) {
      state_.log.say(LogLevel::kInfo,
                     "targets on loopback and in private networks are allowed (--dev)");
      return;
    }
    std::string ranges;
    for (const std::string& range : state_.options.egress_allow) {
      ranges += (ranges.empty() ? "" : ", ") + range;
    }
    if (!ranges.empty()) {
      state_.log.say(LogLevel::kInfo, "targets in " + ranges + " are allowed (--egress-allow)");
    }
  }

  Status watch() {
    if (io_->wake_fd() >= 0) {
      if (auto status = loop_->watch(io_->wake_fd(), wake_); !status) return status;
    }
    return loop_->watch(state_.board->bell(plan_.index).fd(), bell_);
  }

  void build_shards() {
    const Instant start = SystemClock().now().utc;
    for (uint32_t index : plan_.shards) {
      StoreThread& store = *state_.stores[index];
      shards_.push_back(std::make_unique<Shard>(
          index, random_seed(), store.recovered(), start,
          ShardDoors{store, *dispatcher_, *reactor_, teller_, &state_.log, &state_.quotas}));
      LineLimits lines;
      lines.in_flight = state_.options.max_in_flight_per_destination;
      lines.breaker_failures = state_.options.breaker_failures;
      shards_.back()->limit_lines(lines);
      shards_.back()->own(state_.folder->partitions_of(index));
      reactor_->own({index, shards_.back().get(), &store});
      state_.shard_metrics[index] = &shards_.back()->metrics();
      state_.store_metrics[index] = &store.metrics();
    }
    reactor_->begin_with(state_.system);
  }

  // The ring's eventfd is cleared by the ring; the bell's when the sleep ends.
  struct WakeIo final : FdWatcher {
    explicit WakeIo(Body& b) : body(b) {}
    void on_readable() override { body.io_->on_readable(); }
    Body& body;
  };
  struct WakeBell final : FdWatcher {
    explicit WakeBell(Body& b) : body(b) {}
    void on_readable() override { body.state_.board->bell(body.plan_.index).end_sleep(); }
    Body& body;
  };

  const ReactorPlan& plan_;
  ServerState& state_;
  Connections connections_;
  WakeIo wake_{*this};
  WakeBell bell_{*this};
  std::unique_ptr<EventLoop> loop_;
  std::unique_ptr<Io> io_;
  std::unique_ptr<Resolver> resolver_;
  EgressPolicy policy_{EgressMode::kPublicOnly, {}};  // until it is known where we listen
  std::unique_ptr<Signer> signer_;
  std::unique_ptr<TlsClient> tls_;
  PublicUrl public_url_;                      // until it is known where we listen: nowhere
  std::optional<HmacCompletionLinks> links_;  // each reactor's make and read the same
  std::optional<WebhookDispatcher> dispatcher_;
  CallbackPayload teller_;
  std::optional<Reactor> reactor_;
  std::optional<Facts> facts_;
  std::optional<Api> api_;
  std::optional<HttpServer> server_;  // gone before the API: its last refusals are worded there
  std::vector<std::unique_ptr<Shard>> shards_;
};

ReactorThread::ReactorThread(ReactorPlan plan, ServerState& state)
    : plan_(std::move(plan)), state_(state) {}

ReactorThread::~ReactorThread() {
  join();
}

void ReactorThread::start() {
  thread_ = std::thread([this] { main(); });
}

Status ReactorThread::await_built() {
  return built_.get_future().get();
}

Result<Address> ReactorThread::listen(const ListenPlace& place) {
  place_.set_value(place);
  return listening_.get_future().get();
}

void ReactorThread::join() {
  if (thread_.joinable()) thread_.join();
}

void ReactorThread::main() {
  pthread_setname_np(pthread_self(), ("reactor-" + std::to_string(plan_.index)).c_str());
  Body body(plan_, state_);
  Status built = body.build();
  const bool usable = built.has_value();
  built_.set_value(std::move(built));
  if (!usable) return;
  auto bound = body.listen(place_.get_future().get());
  const bool listening = bound.has_value();
  listening_.set_value(std::move(bound));
  if (!listening) return;
  body.run();
  state_.all_stopped->arrive_and_wait();
}

}  // namespace hourwheel
