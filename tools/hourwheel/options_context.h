// The verbs of `context`, and the file that they are about.
#pragma once

#include <cstdint>
#include <istream>
#include <string>

#include "tools/hourwheel/context_file.h"
#include "tools/hourwheel/output_format.h"

namespace hourwheel {

class Verb;

enum class ContextVerb : uint8_t { kList, kUse, kSet, kRemove, kShow };

struct ContextOptions {
  ContextVerb verb = ContextVerb::kList;
  OutputFormat output = OutputFormat::kTable;
  std::string name;
  std::string server;    // kSet
  std::string key_file;  // kSet
  ClientTls tls;         // kSet
};

Verb add_context(Verb app, ContextOptions& options);

// Unknown keys are refused. The detail says what is wrong, without the file's name.
Result<Contexts> parse_contexts(std::istream& in);

}  // namespace hourwheel
