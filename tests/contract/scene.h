// A server in which every route has something to work on, and the requests that ask for it.
#pragma once

#include <string>

#include "tests/contract/contract.h"
#include "tests/contract/live_server.h"

namespace hourwheel {

inline constexpr const char* kTask = "daily-report";  // as in the examples
inline constexpr const char* kSecret = "crm-token";
inline constexpr const char* kKeyText =  // the same
    "hw_dMxzZPp4ZN_9hWHKEADToKDG6NIvTXP2e9Esu9L1pxVmVy6lc5psSj_gIC83o";

class Scene {
 public:
  // The task has had a run that died and one that succeeded; of another one a run is under way, on
  // whose attempt its target may report by the link; a pause of tasks that do not exist is in
  // force.
  explicit Scene(const Contract& contract);

  // What succeeds on that route: the first example, if it takes a body.
  [[nodiscard]] Ask good_ask(const DocumentedRoute& route) const;
  [[nodiscard]] Ask ask_of(const DocumentedRoute& route, const Example& example) const;
  // One more run of the task dies.
  void bury_another();
  const Sent* send(const Ask& ask) { return server.send(ask); }

  LiveServer server;
  std::string dead_run;
  std::string open_run;
  std::string pause = "pause-1";
  std::string key = "dMxzZPp4ZN";  // its id

 private:
  [[nodiscard]] Ask bare_ask(const DocumentedRoute& route) const;
  std::string start_run(const std::string& task);

  const Contract& contract_;
};

Ask with_field(Ask ask, std::string name, std::string value);
Ask with_body(Ask ask, std::string body, std::string type = "application/json");

}  // namespace hourwheel
