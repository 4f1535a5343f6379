// The options of `audit`: who changed what on a server.
#pragma once

#include <cstdint>
#include <string>

#include "tools/hourwheel/connection.h"
#include "tools/hourwheel/options_task.h"
#include "tools/hourwheel/output_format.h"

namespace hourwheel {

enum class AuditVerb : uint8_t { kList, kVerify };

struct AuditOptions {
  AuditVerb verb = AuditVerb::kList;
  ServerChoice server;
  OutputFormat output = OutputFormat::kTable;
  PageChoice page;
  std::string task_id;
  std::string key_id;
  std::string after;   // an instant, or a distance from now
  std::string before;  // the same
};

Verb add_audit(Verb app, AuditOptions& options);

}  // namespace hourwheel
