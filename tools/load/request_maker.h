// Writes the requests of a scenario, one after the other; the same seed writes the same ones.
//
// Cost: linear in the bytes written.
// Thread: the loop's own.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/random.h"
#include "engine/base/time.h"
#include "tools/load/load_options.h"

namespace hourwheel {

enum class RequestKind : uint8_t {
  kCreate,
  kBatch,
  kGet,
  kList,
  kPage,
  kReplace,
  kDelete,
  kWebhook
};
inline constexpr size_t kRequestKinds = 8;
std::string_view to_text(RequestKind kind);

struct Request {
  RequestKind kind = RequestKind::kCreate;
  std::string bytes;
  std::string task_id;  // of get, replace, delete
};

class RequestMaker {
 public:
  // Tasks known to exist, of which reads and changes pick one; beyond that the oldest are
  // forgotten.
  static constexpr size_t kMaxKnownTasks = 65'536;

  explicit RequestMaker(const LoadOptions& options);

  Request next(Instant now);
  // A task was acknowledged and may be read or changed from now on.
  void remember(std::string task_id);
  // A page of the list was answered and its token leads on: one of the next pages starts there.
  void go_on_from(std::string page_token) { page_tokens_.push_back(std::move(page_token)); }

 private:
  RequestKind next_kind();
  std::string task_body(Instant now);
  std::string next_tail();
  [[nodiscard]] std::string schedule_members(Instant due) const;
  std::string batch_body(Instant now);
  std::string attempt(Instant now);
  Instant next_due(Instant now);
  [[nodiscard]] std::string http(std::string_view method, std::string_view path,
                                 std::string_view body) const;
  std::string take_known(RequestKind kind);
  std::string page_path();

  const LoadOptions& options_;
  Random random_;
  std::string tail_;  // of every task: target and payload
  uint64_t next_name_ = 0;
  uint64_t next_host_ = 0;
  std::vector<std::string> known_;
  size_t oldest_ = 0;
  std::vector<std::string> page_tokens_;  // at most one for each connection
};

}  // namespace hourwheel
