#include "tools/hourwheel/options_audit.h"

#include "tools/hourwheel/options_words.h"

namespace hourwheel {

Verb add_audit(Verb app, AuditOptions& options) {
  const Verb audit = app.add_verb("audit", "Who changed what");
  audit.require_verb();
  add_server(audit, options.server);
  add_output(audit, options.output);
  audit.fallthrough();
  const Verb list = audit.add_verb("list", "Show changes, newest first");
  add_filter(list, "--task", options.task_id, "Only those of this task");
  add_filter(list, "--key", options.key_id, "Only what was done with this API key");
  add_filter(list, "--after", options.after, "At this instant or later (now-1d)");
  add_filter(list, "--before", options.before, "Before this instant");
  add_pages(list, options.page);
  list.footer(
      "Examples:\n"
      "  hourwheel audit list --task daily-report\n"
      "  hourwheel audit list --after now-7d --all -o ndjson > audit.ndjson");
  const Verb verify = audit.add_verb("verify", "Whether nothing was altered or taken out");
  verify.footer(
      "Exit codes: 0 every chain holds, 1 one is broken or could not be looked at to its end.\n"
      "Examples:\n"
      "  hourwheel audit verify\n"
      "  hourwheel audit verify -o json   (note the heads elsewhere)");
  list.callback([&options] { options.verb = AuditVerb::kList; });
  verify.callback([&options] { options.verb = AuditVerb::kVerify; });
  return audit;
}

}  // namespace hourwheel
