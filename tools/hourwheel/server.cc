#include "tools/hourwheel/server.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "api/crypto.h"
#include "engine/limits.h"
#include "net/control_loop.h"
#include "net/event_loop.h"
#include "net/system_clock.h"
#include "store/storage_watch.h"
#include "tools/hourwheel/build_facts.h"
#include "tools/hourwheel/demo.h"
#include "tools/hourwheel/demo_target.h"
#include "tools/hourwheel/log.h"
#include "tools/hourwheel/master_key_file.h"
#include "tools/hourwheel/passed_socket.h"
#include "tools/hourwheel/process_watch.h"
#include "tools/hourwheel/reactor_thread.h"
#include "tools/hourwheel/server_state.h"
#include "tools/hourwheel/shard_file.h"
#include "tools/hourwheel/signing_file.h"
#include "tools/hourwheel/storage_log.h"
#include "tools/hourwheel/supervisor.h"
#include "tools/hourwheel/system_control.h"
#include "tools/hourwheel/tls_control.h"

namespace hourwheel {
namespace {

constexpr int kCannotStart = 1;
constexpr int kUnsafe = 78;
// Files, rings and SQLite beside the clients' and targets' sockets.
constexpr rlim_t kSpareDescriptors = 512;
// Between two looks at what the kernel tells of the process: no scraper asks much more often.
constexpr Duration kProcessLook = seconds(5);
constexpr Duration kSayAgainEach = seconds(1);

IoBackend backend_of(IoChoice choice) {
  switch (choice) {
    case IoChoice::kAuto:
      return IoBackend::kAuto;
    case IoChoice::kUring:
      return IoBackend::kUring;
    case IoChoice::kLibevent:
      return IoBackend::kLibevent;
  }
  return IoBackend::kAuto;
}

// As many descriptors as we may have; what is over after the targets' share is the clients'. Where
// there are few, half of them are spare: clients must never have those that attempts need.
uint32_t raise_descriptor_limit() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  rlim_t free = limit.rlim_cur - std::min(kSpareDescriptors, limit.rlim_cur / 2);
  return static_cast<uint32_t>(std::min<rlim_t>(kMaxConnections, free / 2));
}

// Whoever tries things out wants to read.
LogFormat format_of(const ServeOptions& options) {
  return options.dev && options.log_format == LogFormat::kAuto ? LogFormat::kText
                                                               : options.log_format;
}

class Server final : public ControlHandler, private FdWatcher, public StorageListener {
 public:
  explicit Server(const ServeOptions& options)
      : log_({format_of(options), options.log_level}), state_(log_) {
    state_.options = options;
  }

  int run() {
    auto status = start();
    if (!status) {
      std::string why = status.error().detail;
      if (status.error().code == ErrorCode::kCorrupt) {
        why += "; look at all of it with hourwheel db check " + state_.options.data_dir +
               ", and bring back a backup with hourwheel db restore";
      }
      log_.say(LogLevel::kError, why);
      std::fflush(nullptr);
      log_.flush();
      // Threads that were started wait for an order that will not come.
      std::_Exit(exit_code_);
    }
    control_->run();
    finish();
    return 0;
  }

  // --- ControlHandler ---
  // By a signal or by a client: the first that asks begins it.
  void on_stop_requested() override {
    if (std::exchange(stopping_, true)) return;
    log_.say(LogLevel::kInfo, "stopping: waiting for what is in flight");
    supervisor_.say_stopping("Waiting for what is in flight");
    order_all(ControlOrder::kDrain);
    auto cut = control_->every(kDrainTimeout, [this] { cut_off(); });
    if (!cut) on_stop_now();
  }
  void on_stop_now() override {
    log_.say(LogLevel::kWarning, "stopping at once");
    log_.flush();
    std::_Exit(kCannotStart);
  }
  void on_reload() override {
    supervisor_.say_reloading(monotonic_usec());
    if (state_.tls != nullptr) {
      state_.tls->reload(*state_.board);
    } else {
      log_.say(LogLevel::kInfo, "SIGHUP: there are no certificates to read again");
    }
    supervisor_.say_reloaded();
  }

 private:
  Status start() {
    auto place = listen_place();
    if (!place) return failure(std::move(place.error()));
    state_.on_loopback = is_loopback(place->address);
    connections_ = raise_descriptor_limit();
    if (auto status = block_signals_elsewhere(); !status) return status;
    if (auto status = open_folder(); !status) return status;
    if (auto status = open_files(); !status) return status;
    if (auto status = guard(place->address); !status) return status;
    if (auto status = read_secrets(); !status) return status;
    if (auto status = read_roots(); !status) return status;
    if (auto status = read_tls(); !status) return status;
    if (auto status = start_reactors(); !status) return status;
    return listen(*place);
  }

  // What a supervisor has passed comes before --listen.
  Result<ListenPlace> listen_place() {
    auto passed = passed_socket(PassedVariables::of_environment(), getpid());
    if (!passed) return failure(std::move(passed.error()));
    const bool is_passed = passed->has_value();
    auto address =
        is_passed ? listening_address(**passed) : parse_listen_address(state_.options.listen);
    if (!address) return failure(std::move(address.error()));
    if (is_passed) {
      log_.say(LogLevel::kInfo, "listening on the socket that was passed, not on --listen");
    }
    return ListenPlace{*address, *passed};
  }

  // The control loop takes the signals; threads started later inherit the mask. A file that may not
  // grow any more is an error of its write, not an end.
  Status block_signals_elsewhere() {
    std::signal(SIGXFSZ, SIG_IGN);
    auto control = ControlLoop::create(*this);
    if (!control) return failure(std::move(control.error()));
    control_ = std::move(*control);
    process_.look();
    state_.process = &process_.metrics();
    if (auto status = control_->every(kProcessLook, [this] { process_.look(); }); !status) {
      return status;
    }
    sigset_t signals;
    sigemptyset(&signals);
    for (int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
    pthread_sigmask(SIG_BLOCK, &signals, &former_signals_);
    return {};
  }

  Status open_folder() {
    uint32_t cores = std::max(1U, std::thread::hardware_concurrency());
    uint32_t wanted = state_.options.shards > 0 ? state_.options.shards : cores;
    auto folder = DataFolder::open_or_create(state_.options.data_dir, wanted);
    if (!folder) return failure(std::move(folder.error()));
    state_.folder = std::move(*folder);
    if (state_.options.shards > 0 && state_.folder->shards() != wanted) {
      log_.say(LogLevel::kWarning, state_.options.data_dir + " has " +
                                       std::to_string(state_.folder->shards()) +
                                       " shards; --shards only counts when a folder is made");
    }
    watch_storage();
    return {};
  }

  void watch_storage() {
    StorageLimits limits;
    limits.reserve_bytes = state_.options.storage_reserve;
    volume_.emplace(state_.folder->path());
    storage_ = std::make_unique<StorageWatch>(state_.folder->path(), limits, *volume_, *this);
    state_.storage = &storage_->metrics();
  }

  // StorageListener; on a store's thread.
  void on_storage_changed(const StorageMetrics& now) override { log_storage(log_, now); }

  Status read_secrets() {
    const std::string& named = state_.options.signing_secrets;
    auto file =
        named.empty() ? SigningFile::open_or_make(state_.folder->path()) : SigningFile::open(named);
    if (!file) {
      exit_code_ = kUnsafe;
      return failure(std::move(file.error()));
    }
    log_.say(LogLevel::kInfo, "secrets are sealed with the " + sealed_with_);
    log_.say(LogLevel::kInfo, std::string("webhooks are signed with the ") +
                                  (file->made ? "new secret in " : "secrets in ") + file->path);
    state_.signing_secrets = std::move(file->secrets);
    return {};
  }

  // Without any the server is of use all the same: to http targets, and to those whose task has
  // certificates of its own.
  Status read_roots() {
    const std::string& named = state_.options.trusted_certificates;
    auto roots = named.empty() ? TlsRoots::of_system() : TlsRoots::read(named);
    if (!roots) {
      exit_code_ = kUnsafe;
      return failure(std::move(roots.error()));
    }
    state_.roots = std::move(*roots);
    if (state_.roots.source().empty()) {
      log_.say(LogLevel::kWarning,
               "the system has no list of trusted certificates: no https target "
               "is trusted, but by what its task says");
    } else {
      log_.say(LogLevel::kInfo,
               "https targets are trusted by the certificates in " + state_.roots.source());
    }
    return {};
  }

  // What clients are served through, if that is to be TLS.
  Status read_tls() {
    const ServeOptions& options = state_.options;
    if (options.tls_certificate.empty()) return {};
    auto tls =
        TlsControl::open({options.tls_certificate, options.tls_key, options.tls_client_ca}, log_);
    if (!tls) {
      exit_code_ = kUnsafe;
      return failure(std::move(tls.error()));
    }
    state_.tls = std::move(*tls);
    return {};
  }

  Status open_files() {
    const uint32_t shards = state_.folder->shards();
    uint32_t cores = std::max(1U, std::thread::hardware_concurrency());
    uint32_t reactors = state_.options.reactors > 0 ? state_.options.reactors : cores;
    reactors = std::min(reactors, shards);
    std::vector<uint32_t> reactor_of(shards);
    for (uint32_t shard = 0; shard < shards; ++shard) reactor_of[shard] = shard % reactors;
    auto board = Switchboard::create(reactors, reactor_of);
    if (!board) return failure(std::move(board.error()));
    state_.board = std::move(*board);
    if (auto status = open_system_file(); !status) return status;
    RunLogLimits limits;
    limits.bytes_max = state_.options.run_log_bytes;
    for (uint32_t shard = 0; shard < shards; ++shard) {
      auto file = ShardFile::open(*state_.folder, shard, limits,
                                  {state_.board->bell(reactor_of[shard]), *storage_, log_});
      if (!file) return failure(std::move(file.error()));
      files_.push_back(std::move(*file));
      state_.stores.push_back(&files_.back()->thread());
      const MadeBy made_by = state_.stores.back()->recovered().made_by;
      for (const auto& [key, tasks] : made_by) {
        state_.quotas.count(key, static_cast<uint64_t>(tasks));  // TQ2
      }
    }
    return {};
  }

  Status open_system_file() {
    auto file = SystemFile::open(*state_.folder);
    if (!file) return failure(std::move(file.error()));
    auto stored = (*file)->secrets();
    if (!stored) return failure(std::move(stored.error()));
    const bool none = stored->secrets.empty();
    if (auto status = read_master_keys(none); !status) return status;
    auto system = SystemControl::open(
        std::move(*file), {*state_.secret_box, *state_.board, state_.quotas, *storage_, log_});
    if (!system) {
      if (system.error().code == ErrorCode::kForbidden) exit_code_ = kUnsafe;
      return failure(std::move(system.error()));
    }
    system_ = std::move(*system);
    state_.system = system_->table();
    return {};
  }

  // Whoever may look into the memory of this process has the keys: no core file, no debugger. One
  // for development may be looked into.
  Status read_master_keys(bool nothing_stored) {
    using Stored = MasterKeyFile::Stored;
    const std::string& named = state_.options.master_key_file;
    const Stored stored = nothing_stored ? Stored::kNothing : Stored::kSecrets;
    if (!state_.options.dev) prctl(PR_SET_DUMPABLE, 0);
    auto file = named.empty() ? MasterKeyFile::open_or_make(state_.folder->path(), stored)
                              : MasterKeyFile::open(named);
    if (!file) {
      exit_code_ = kUnsafe;
      return failure(std::move(file.error()));
    }
    sealed_with_ = (file->made ? "new key in " : "first key in ") + file->path;
    state_.secret_box = std::move(file->box);
    return {};
  }

  // Who may use it. An address that others reach needs a key that opens, or clients with
  // certificates.
  Status guard(const Address& address) {
    auto secret = random_bytes();
    if (!secret) return failure(std::move(secret.error()));
    state_.session_secret.assign(secret->begin(), secret->end());
    if (state_.options.insecure_no_auth) {
      state_.key_policy = KeyPolicy::kNever;
      return {};
    }
    const bool known = state_.on_loopback || !state_.options.tls_client_ca.empty();
    state_.key_policy = known ? KeyPolicy::kOnceMade : KeyPolicy::kAlways;
    const auto& keys = state_.system.keys;
    const Instant now = SystemClock().now().utc;
    const bool opens = std::any_of(keys.begin(), keys.end(),
                                   [now](const ApiKey& key) { return !key.expired(now); });
    if (known || opens) return {};
    exit_code_ = kUnsafe;
    return failure(
        ErrorCode::kForbidden, "",
        "refusing to serve " + to_text(address) +
            " without an API key: make one with hourwheel key create --data " +
            state_.options.data_dir +
            " --name first --role admin, or ask clients for certificates with --tls-client-ca, or "
            "listen on 127.0.0.1, or say --insecure-no-auth");
  }

  Status start_reactors() {
    const uint32_t shards = state_.board->shards();
    const uint32_t reactors = state_.board->reactors();
    state_.shard_metrics.resize(shards);
    state_.store_metrics.resize(shards);
    state_.http_counters.resize(reactors);
    state_.turn_cpu_us.resize(reactors);
    state_.tls_handshakes.resize(reactors);
    state_.tls_resumed.resize(reactors);
    state_.client_handshakes.resize(reactors);
    state_.client_handshakes_failed.resize(reactors);
    state_.all_stopped = std::make_unique<std::latch>(reactors);
    state_.started = SystemClock().now().utc;
    state_.tzdata_version = installed_tzdata();
    for (uint32_t index = 0; index < reactors; ++index) {
      ReactorPlan plan;
      plan.index = index;
      plan.io = backend_of(state_.options.io);
      plan.connections.max_total = std::max(1U, connections_ / reactors);
      for (uint32_t shard = index; shard < shards; shard += reactors) plan.shards.push_back(shard);
      reactors_.push_back(std::make_unique<ReactorThread>(std::move(plan), state_));
      reactors_.back()->start();
      // One after the other: h2o's descriptor is found by what appears meanwhile.
      if (auto built = reactors_.back()->await_built(); !built) return built;
    }
    return {};
  }

  Status listen(ListenPlace place) {
    Address& address = place.address;
    for (auto& reactor : reactors_) {
      auto bound = reactor->listen(place);
      if (!bound) return failure(std::move(bound.error()));
      address = *bound;  // the first one finds the port, the others share it
    }
    pthread_sigmask(SIG_SETMASK, &former_signals_, nullptr);
    if (auto status = control_->watch(state_.board->control_bell().fd(), *this); !status) {
      return status;
    }
    state_.board->control_bell().prepare_sleep();
    const std::string url = "http://" + to_text(address);
    if (state_.options.demo) {
      if (auto made = begin_demo(url); !made) {
        log_.say(LogLevel::kWarning, "no sample tasks: " + made.error().detail);
      }
    }
    std::printf("listening on %s%s\n", state_.tls == nullptr ? "" : "https://",
                to_text(address).c_str());
    if (state_.options.demo) print_first_steps(url);
    std::fflush(stdout);
    return tell_supervisor(address);
  }

  // Without --dev nothing on loopback is called.
  Status begin_demo(const std::string& url) {
    if (!state_.options.dev) return create_demo_tasks(url, "");
    auto target = DemoTarget::listen(control_->base());
    if (!target) return failure(std::move(target.error()));
    demo_target_ = std::move(*target);
    return create_demo_tasks(url, demo_target_->url());
  }

  // All files are open, what they were left with is in memory, and clients are served.
  Status tell_supervisor(const Address& address) {
    supervisor_.say_ready("Serving " + to_text(address));
    if (!supervisor_.listens()) return {};
    Status again = control_->every(kSayAgainEach, [this] { supervisor_.say_again(); });
    if (!again) return again;
    const auto each = supervisor_.sign_of_life_each();
    if (!each) return {};
    return control_->every(*each, [this] { supervisor_.say_alive(); });
  }

  // A reactor has reported, or asks for a change of what holds for all.
  void on_readable() override {
    Doorbell& bell = state_.board->control_bell();
    bell.end_sleep();
    system_->turn();
    drained_ += state_.board->take_reports();
    bell.prepare_sleep();
    system_->turn();
    drained_ += state_.board->take_reports();
    if (system_->take_drain()) on_stop_requested();
    if (drained_ >= reactors_.size()) {
      order_all(ControlOrder::kStop);
      control_->stop();
    }
  }

  void cut_off() {
    // What is still not done after as long again (a full disk, a client that reads in a trickle)
    // is as after a crash.
    if (std::exchange(cut_, true)) return on_stop_now();
    log_.say(LogLevel::kWarning, "cutting off attempts still in flight; they will be sent again");
    order_all(ControlOrder::kCut);
  }

  void order_all(ControlOrder order) {
    for (uint32_t reactor = 0; reactor < reactors_.size(); ++reactor) {
      state_.board->order(reactor, order);
    }
  }

  void finish() {
    for (auto& reactor : reactors_) reactor->join();
    for (auto& file : files_) {
      if (auto closed = file->thread().stop(); !closed) {
        log_.say(LogLevel::kError, "closing a data file: " + closed.error().detail);
      }
    }
    log_.say(LogLevel::kInfo, "stopped");
  }

  Log log_;
  ServerState state_;
  ProcessWatch process_;
  std::unique_ptr<ControlLoop> control_;
  std::unique_ptr<DemoTarget> demo_target_;  // on that loop
  std::optional<FolderVolume> volume_;
  std::unique_ptr<StorageWatch> storage_;  // outlives the files
  std::vector<std::unique_ptr<ShardFile>> files_;
  std::unique_ptr<SystemControl> system_;
  std::vector<std::unique_ptr<ReactorThread>> reactors_;
  sigset_t former_signals_{};
  uint32_t connections_ = 0;
  std::string sealed_with_;
  Supervisor supervisor_{ServiceVariables::of_environment(), getpid()};
  size_t drained_ = 0;
  bool stopping_ = false;
  bool cut_ = false;
  int exit_code_ = kCannotStart;
};

}  // namespace

int serve(const ServeOptions& options) {
  auto server = std::make_unique<Server>(options);
  return server->run();
}

}  // namespace hourwheel
