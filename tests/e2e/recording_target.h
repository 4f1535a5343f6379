// A webhook receiver inside the test: it outlives every server that a test kills, remembers each
// attempt in the order of arrival, and lets a test wait for one instead of for time.
//
// Invariants
//   R1  An attempt is remembered before it is answered.
//   R2  stamp() and the `order` of attempts come from one counter: whatever a thread had seen
//   before
//       it took a stamp has a lower number. So "arrived after the acknowledgement" needs no clock.
// Cost: one thread; about 1 us and one lock for each attempt.
// Thread: any; the answers are chosen on the target's own.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/base/time.h"
#include "tools/wire/tls_server.h"
#include "tools/wire/wire_connection.h"
#include "tools/wire/wire_message.h"

struct event;
struct event_base;
struct evconnlistener;

namespace hourwheel {

struct ReceivedAttempt {
  uint64_t order = 0;
  int64_t at_us = 0;  // wall clock
  std::string method;
  std::string path;
  std::string run_id;
  std::string task_id;
  uint32_t attempt = 0;
  Instant due;
  uint32_t missed_count = 0;
  bool possible_duplicate = false;
  std::vector<std::pair<std::string, std::string>> fields;  // as they came
  std::string body;

  // The first field of exactly this name, or empty.
  [[nodiscard]] std::string_view field(std::string_view name) const;
};

class RecordingTarget final : public WireConnection::Owner {
 public:
  // kIdentity leaves fields and body out: for very many attempts.
  enum class Keep : uint8_t { kAll, kIdentity };
  // What to answer with, now or, for kHold, once release() is called.
  static constexpr int kHold = 0;
  struct Answer {
    Answer(int with) : status(with) {}  // NOLINT(google-explicit-constructor): most say no more
    Answer(int with, std::string seconds_or_date)
        : status(with), retry_after(std::move(seconds_or_date)) {}
    // Of a target that goes on by itself and will report.
    static Answer deferred() {
      Answer answer(202);
      answer.is_deferred = true;
      return answer;
    }
    int status;
    std::string retry_after;   // the header field, if any; not of late answers
    bool is_deferred = false;  // says so; the same
  };
  using Script = std::function<Answer(const ReceivedAttempt&)>;

  explicit RecordingTarget(Script script = nullptr, Keep keep = Keep::kAll);
  // A target that is spoken to through TLS; with client_authority by those only that it has signed.
  explicit RecordingTarget(const Certificate& certificate,
                           const Certificate* client_authority = nullptr);
  // A target that takes this long for every answer: with one, runs are in flight most of the time.
  explicit RecordingTarget(Duration answer_time);
  ~RecordingTarget() override;

  RecordingTarget(const RecordingTarget&) = delete;
  RecordingTarget& operator=(const RecordingTarget&) = delete;

  // "http://127.0.0.1:41234", with TLS https
  [[nodiscard]] const std::string& url() const { return url_; }
  uint64_t stamp() { return ++order_; }

  // Each waits until it is so, or the deadline passes: then false.
  bool await(size_t attempts, Duration deadline);
  bool await_path(std::string_view path, size_t attempts, Duration deadline);
  bool await_one(std::string_view path, const std::function<bool(const ReceivedAttempt&)>& wanted,
                 Duration deadline);
  // Waits until so many connections have been accepted.
  bool await_connections(size_t connections, Duration deadline);
  // All that was sent by senders that are gone has been read.
  bool await_no_connections(Duration deadline);

  [[nodiscard]] std::vector<ReceivedAttempt> received() const;
  [[nodiscard]] std::vector<ReceivedAttempt> received_at(std::string_view path) const;
  [[nodiscard]] size_t count() const;
  // Of requests, whole or not.
  [[nodiscard]] size_t bytes() const { return bytes_; }
  // Answers what was held, and holds nothing any more.
  void release(int status = 200);

 private:
  RecordingTarget(Script script, Keep keep, Duration answer_time,
                  std::unique_ptr<TlsServer> tls = nullptr);
  // The connection is known by its number: its address may be another's by then.
  struct LateAnswer {
    int64_t leaves_at_us;  // wall clock
    uint64_t connection;
    int status;
  };

  void on_bell();
  void accept_connection(evutil_socket_t socket);
  size_t on_bytes(WireConnection& connection, std::string_view bytes) override;
  void on_closed(WireConnection& connection, int error) override;
  ReceivedAttempt read_attempt(const WireMessage& message);
  static void answer(WireConnection& connection, const Answer& with);
  void answer_late();
  template <class Reached>
  bool wait_until(Duration deadline, Reached reached);

  const Script script_;
  const Keep keep_;
  const Duration answer_time_;
  const std::unique_ptr<TlsServer> tls_;
  std::string url_;
  std::atomic<uint64_t> order_{0};
  std::atomic<size_t> bytes_{0};
  int bell_;

  // Between the threads.
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<ReceivedAttempt> received_;
  std::unordered_map<std::string, std::vector<size_t>> by_path_;
  size_t open_connections_ = 0;
  size_t all_connections_ = 0;
  int release_status_ = kHold;
  bool stopping_ = false;

  // The target's thread.
  event_base* base_;
  evconnlistener* listener_ = nullptr;
  event* bell_event_ = nullptr;
  event* late_event_ = nullptr;
  std::unordered_map<uint64_t, std::unique_ptr<WireConnection>> connections_;
  std::unordered_map<const WireConnection*, uint64_t> numbers_;
  uint64_t next_number_ = 1;
  std::vector<WireConnection*> held_;
  std::deque<LateAnswer> late_;
  bool holds_ = true;
  int held_status_ = 200;
  std::thread thread_;
};

}  // namespace hourwheel
