#include "tools/hourwheel/verb_table.h"

#include <algorithm>

namespace hourwheel {
namespace {

void append_all(const VerbWords& verb, std::vector<const VerbWords*>& out) {
  out.push_back(&verb);
  for (const VerbWords& below : verb.verbs) append_all(below, out);
}

}  // namespace

std::vector<const VerbWords*> flattened(const VerbWords& top) {
  std::vector<const VerbWords*> all;
  append_all(top, all);
  return all;
}

Guess guess_for(const VerbWords& verb, const OptionWords& option) {
  auto is = [&](std::string_view name) {
    return std::find(option.names.begin(), option.names.end(), name) != option.names.end();
  };
  if (is("--context") || (is("name") && verb.path.starts_with("context"))) return Guess::kContext;
  if (is("id") && verb.path.starts_with("task")) return Guess::kTask;
  if (is("--task")) return Guess::kTask;
  if (is("id") && verb.path.starts_with("run")) return Guess::kRun;
  for (const char* name :
       {"--file", "--data", "--to", "--key-file", "--config", "--signing-secrets",
        "--master-key-file", "--from-file", "file", "folder"}) {
    if (is(name)) return Guess::kFile;
  }
  const bool copies = verb.path.starts_with("db");
  return copies && is("--from") ? Guess::kFile : Guess::kNothing;
}

}  // namespace hourwheel
