// One run of the load generator: every connection sends a request, waits for its answer, and sends
// the next (a closed loop), so at most `connections` requests are out at once, or `at_once`: then
// the connection that has waited longest sends next. With a rate,
// requests have instants of their own and go out in ticks of about a millisecond: one that finds
// every connection waiting for an answer goes out late, and its latency counts from its instant.
//
// Invariants
//   L1  A line of the acknowledgement log is written before the next request of that connection
//       leaves, and only after the whole 2xx answer arrived.
//   L2  A request that was out when its connection broke is counted as lost and is not sent again:
//       what became of it is unknown.
// Thread: the loop's own.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/base/result.h"
#include "tools/load/answer_reader.h"
#include "tools/load/load_options.h"
#include "tools/load/load_report.h"
#include "tools/load/request_maker.h"
#include "tools/wire/address.h"
#include "tools/wire/loop.h"
#include "tools/wire/wire_connection.h"
#include "tools/wire/wire_message.h"

namespace hourwheel {

class LoadRun final : public WireConnection::Owner {
 public:
  explicit LoadRun(const LoadOptions& options);
  ~LoadRun() override;
  LoadRun(const LoadRun&) = delete;
  LoadRun& operator=(const LoadRun&) = delete;

  // Sends until the count or the time is reached, or a signal comes, or nothing was answered for
  // 30 s. Refused when the address is wrong, the log cannot be opened or the file
  // of ids has none.
  Status run();
  [[nodiscard]] const LoadReport& report() const { return report_; }

 private:
  // One client: its connection comes and goes, its request is the one that is out.
  struct Client {
    std::unique_ptr<WireConnection> connection;
    Request request;
    int64_t sent_at_us = 0;
    bool waiting = false;
    bool connected = false;
  };

  Status open_log();
  Status read_ids();
  void connect(Client& client);
  void send_next(Client& client);
  void send(Client& client, int64_t counted_from_us);
  void send_paced();
  void send_in_turn();
  [[nodiscard]] int64_t next_slot_us() const;
  void take_answer(Client& client, const WireMessage& message);
  void acknowledge(const Client& client, const WireMessage& message);
  void log(std::string_view change, std::string_view task_id);
  void write_log();
  [[nodiscard]] bool may_send() const;
  void stop_when_done();
  void on_tick();
  size_t on_bytes(WireConnection& connection, std::string_view bytes) override;
  void on_connected(WireConnection& connection) override;
  void on_closed(WireConnection& connection, int error) override;

  const LoadOptions& options_;
  Loop loop_;
  SocketAddress address_;
  RequestMaker maker_;
  AnswerReader reader_;
  LoadReport report_;
  std::vector<Client> clients_;
  std::unordered_map<const WireConnection*, Client*> by_connection_;
  std::deque<Client*> idle_;  // connected, and the instant or the turn of their request is to come
  int log_ = -1;
  std::string log_lines_;
  uint64_t sent_ = 0;
  uint32_t out_ = 0;  // requests
  int64_t started_us_ = 0;
  int64_t last_answer_us_ = 0;
};

}  // namespace hourwheel
