// Changes of one task that hold to its version: what somebody else changed meanwhile is never
// written over, and a server that demands If-Match gets one.
#pragma once

#include <cstdint>
#include <string>

#include "tools/hourwheel/ask.h"
#include "tools/hourwheel/json_text.h"

namespace hourwheel {

// The task as it stands; without one, its text is empty.
struct FoundTask {
  std::string version;  // empty: there is none
  std::string text;
};
Told<FoundTask> find_task(ApiClient& client, const std::string& id);

enum class WriteEffect : uint8_t { kCreated, kReplaced, kUnchanged };

// PUT over the version that was read.
Result<ApiAnswer> put_task(ApiClient& client, const std::string& id, const std::string& body,
                           const std::string& version);
struct AppliedTask {
  WriteEffect effect;
  std::string text;  // as it is stored now
};
// Reads the version and writes over it.
Told<AppliedTask> apply_task(ApiClient& client, const std::string& id, const std::string& body);

struct Removal {
  std::string id;
  std::string version;  // only if that is the task's; empty: whatever it is
  bool cancel_running = false;
};
Told<ApiAnswer> delete_task(ApiClient& client, const Removal& removal);

}  // namespace hourwheel
