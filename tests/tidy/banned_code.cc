// What may stand only in named files, and why.
#include <array>

#include "tests/tidy/rules.h"

namespace hourwheel {
namespace {

using Paths = std::span<const std::string_view>;

constexpr auto kNowhere = std::to_array<std::string_view>({"-"});
// CLI11 shares its formatters.
constexpr auto kSharing =
    std::to_array<std::string_view>({"tests/", "tools/arguments/command_line"});
constexpr auto kTestFiles = std::to_array<std::string_view>({"tests/"});
constexpr auto kClocks = std::to_array<std::string_view>({"net/system_clock", "tools/", "bench/"});
constexpr auto kThreads = std::to_array<std::string_view>(
    {"net/mailbox", "net/event_loop", "store/store_thread", "tools/"});
// tests and benches start threads to show that what crosses threads may.
constexpr auto kThreadsAndTests = std::to_array<std::string_view>(
    {"net/mailbox", "net/event_loop", "store/store_thread", "store/storage_watch", "engine/metrics",
     "tools/", "tests/", "bench/"});
// docs/adr/0016-rate-limits.md, 0018-task-quotas.md
constexpr auto kCounting = std::to_array<std::string_view>(
    {"net/mailbox", "net/event_loop", "store/store_thread", "store/storage_watch", "engine/metrics",
     "engine/task_quotas", "api/rate_limit", "tools/", "tests/", "bench/"});
constexpr auto kSlowPaths = std::to_array<std::string_view>({"tests/", "tools/", "bench/"});

constexpr std::array kBanned{
    BannedCode{":: now (", "time is handed in; net/system_clock reads it", kClocks,
               "auto t = std::chrono::system_clock::now();"},
    BannedCode{"time ( nullptr", "time is handed in; net/system_clock reads it", kClocks,
               "auto t = time(nullptr);"},
    BannedCode{"clock_gettime (", "time is handed in; net/system_clock reads it", kClocks,
               "clock_gettime(CLOCK_REALTIME, &now);"},
    BannedCode{"gettimeofday (", "time is handed in; net/system_clock reads it", kClocks,
               "gettimeofday(&now, nullptr);"},
    BannedCode{"sleep (", "wait for what is to happen", kNowhere, "sleep(1);"},
    BannedCode{"usleep (", "wait for what is to happen", kNowhere, "usleep(1000);"},
    BannedCode{"nanosleep (", "wait for what is to happen", kNowhere, "nanosleep(&t, nullptr);"},
    BannedCode{"sleep_for (", "wait for what is to happen", kNowhere,
               "std::this_thread::sleep_for(1ms);"},
    BannedCode{"sleep_until (", "wait for what is to happen", kNowhere,
               "std::this_thread::sleep_until(t);"},
    BannedCode{"rand (", "engine/base/random with a seed", kNowhere, "int r = rand();"},
    BannedCode{"srand (", "engine/base/random with a seed", kNowhere, "srand(1);"},
    BannedCode{"random_device", "engine/base/random with a seed", kClocks,
               "std::random_device device;"},
    BannedCode{"mt19937*", "engine/base/random with a seed", kNowhere, "std::mt19937_64 r(1);"},
    BannedCode{"getenv (", "configuration is handed in by main", kSlowPaths,
               "const char* home = std::getenv(\"HOME\");"},
    BannedCode{"std :: thread", "the reactor and the store thread are all there is",
               kThreadsAndTests, "std::thread worker(run);"},
    BannedCode{"std :: jthread", "the reactor and the store thread are all there is",
               kThreadsAndTests, "std::jthread worker(run);"},
    BannedCode{"std :: async", "the reactor and the store thread are all there is", kNowhere,
               "auto f = std::async(run);"},
    BannedCode{"std :: mutex", "threads talk through mailboxes", kThreadsAndTests,
               "std::mutex mutex_;"},
    BannedCode{"std :: shared_mutex", "threads talk through mailboxes", kNowhere,
               "std::shared_mutex mutex_;"},
    BannedCode{"std :: condition_variable*", "threads talk through mailboxes", kThreadsAndTests,
               "std::condition_variable_any wake_;"},
    BannedCode{"std :: atomic*", "threads talk through mailboxes", kCounting,
               "std::atomic<int> count_;"},
    BannedCode{"pthread_*", "threads talk through mailboxes", kThreads,
               "pthread_create(&t, nullptr, run, nullptr);"},
    BannedCode{"thread_local", "hand it in", kNowhere, "thread_local int depth = 0;"},
    BannedCode{"shared_ptr", "one owner: unique_ptr, and references that do not own", kTestFiles,
               "std::shared_ptr<Task> task;"},
    BannedCode{"make_shared", "one owner: unique_ptr, and references that do not own", kSharing,
               "auto task = std::make_shared<Task>();"},
    BannedCode{"malloc (", "a member by value, or make_unique", kNowhere, "auto* p = malloc(8);"},
    BannedCode{"goto", "return early", kNowhere, "goto fail;"},
    BannedCode{"catch (", "we build without exceptions", kSlowPaths, "} catch (...) {"},
    BannedCode{"DISABLED_*", "a test runs or goes", kNowhere, "TEST(Wheel, DISABLED_Turns) {}"},
    BannedCode{"GTEST_SKIP", "a test runs or goes", kNowhere, "GTEST_SKIP();"},
    BannedCode{"process (", "say what it does to what", kNowhere, "void process(Task& task);"},
    BannedCode{"handle (", "say what it does to what", kNowhere, "void handle(Request& request);"},
    BannedCode{"do_* (", "say what it does to what", kNowhere, "void do_work();"},
    BannedCode{"std :: cout", "print with snprintf, log through the log", kSlowPaths,
               "std::cout << text;"},
};

constexpr auto kH2oFiles = std::to_array<std::string_view>(
    {"net/http_server", "net/event_loop", "bench/end_to_end/bare_h2o"});
constexpr auto kUringFiles = std::to_array<std::string_view>({"net/io_uring", "net/uring"});
constexpr auto kSqliteFiles =
    std::to_array<std::string_view>({"store/database", "store/sqlite", "tests/sim/", "tests/store/",
                                     "bench/end_to_end/insert_floor"});
constexpr auto kSimdjsonFiles = std::to_array<std::string_view>(
    {"api/json_reader", "tools/load/answer_reader", "bench/end_to_end/bare_h2o"});
constexpr auto kCctzFiles = std::to_array<std::string_view>({"engine/schedule/"});
constexpr auto kExpectedFiles = std::to_array<std::string_view>({"engine/base/result.h"});
constexpr auto kCliFiles = std::to_array<std::string_view>({"tools/arguments/command_line"});
constexpr auto kLibeventFiles =
    std::to_array<std::string_view>({"net/", "tools/", "tests/", "bench/"});
constexpr auto kOpensslFiles = std::to_array<std::string_view>(
    {"net/tls", "net/signature", "net/secret_box", "net/completion_links", "net/base64",
     "api/crypto", "store/digest", "tools/wire/tls_server", "tools/wire/certificate",
     "tests/support/tls_http_client"});
constexpr auto kCurlFiles =
    std::to_array<std::string_view>({"tools/hourwheel/", "tests/", "bench/"});
constexpr auto kYamlFiles = std::to_array<std::string_view>({"tools/openapi/yaml_reader"});
constexpr auto kRapidjsonFiles = std::to_array<std::string_view>({"tests/contract/schema_check"});
constexpr auto kBenchFiles = std::to_array<std::string_view>({"bench/"});

constexpr std::array kWrapped{
    WrappedHeader{"h2o", kH2oFiles},
    WrappedHeader{"liburing", kUringFiles},
    WrappedHeader{"sqlite3", kSqliteFiles},
    WrappedHeader{"simdjson", kSimdjsonFiles},
    WrappedHeader{"cctz/", kCctzFiles},
    WrappedHeader{"tl/", kExpectedFiles},
    WrappedHeader{"CLI/", kCliFiles},
    WrappedHeader{"event2/", kLibeventFiles},
    WrappedHeader{"openssl/", kOpensslFiles},
    WrappedHeader{"curl/", kCurlFiles},
    WrappedHeader{"gtest/", kTestFiles},
    WrappedHeader{"gmock/", kTestFiles},
    WrappedHeader{"benchmark/", kBenchFiles},
    WrappedHeader{"yaml-cpp/", kYamlFiles},
    WrappedHeader{"rapidjson/", kRapidjsonFiles},
};

}  // namespace

std::span<const BannedCode> banned_code() {
  return kBanned;
}

std::span<const WrappedHeader> wrapped_headers() {
  return kWrapped;
}

}  // namespace hourwheel
