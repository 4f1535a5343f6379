#include "tools/hourwheel/audit_commands.h"

#include "engine/schedule/time_text.h"
#include "tools/hourwheel/answer_print.h"
#include "tools/hourwheel/answer_text.h"
#include "tools/hourwheel/ask.h"
#include "tools/hourwheel/page_walk.h"
#include "tools/hourwheel/query_text.h"
#include "tools/hourwheel/time_phrase.h"

namespace hourwheel {
namespace {

constexpr Column kEntryColumns[] = {
    {"ID", "id", Show::kText, true},
    {"AT", "at", Show::kTime},
    {"ACTION", "action"},
    {"TASK", "task_id"},
    {"RUN", "run_id", Show::kText, true},
    {"KEY", "key_id"},
    {"PAUSE", "pause_id"},
    {"VERSION", "version", Show::kText, true},
    {"BY KEY", "actor.key_id"},
    {"FROM", "actor.address"},
    {"NOTE", "note", Show::kProse},
};
constexpr Column kChainColumns[] = {
    {"SOURCE", "source"},
    {"ENTRIES", "entries"},
    {"FIRST ROW", "first_row"},
    {"LAST ROW", "last_row"},
    {"COMPLETE", "complete"},
    {"HEAD", "head"},
    {"BROKEN", "broken", Show::kProse},
};

int list_entries(const AuditOptions& options, ApiClient& client, const View& view) {
  QueryText query("/v1/audit");
  query.add("task_id", options.task_id)
      .add("key_id", options.key_id)
      .add("after", options.after)
      .add("before", options.before);
  ListPrinter printer(view, "entries", kEntryColumns);
  auto walked = walk_pages(client, {std::move(query).text(), "entries"}, options.page,
                           [&](const ListPage& page) { printer.take(page); });
  return walked ? kOk : walked.error();
}

int verify(ApiClient& client, const View& view) {
  auto answer = ask(client, {"GET", "/v1/audit:verify", ""});
  if (!answer) return answer.error();
  JsonReader reader;
  auto body = reader.parse(answer->body);
  if (!body) return complain("the server's answer is not JSON", kFailure);
  ListPrinter printer(view, "chains", kChainColumns);
  printer.take({*answer, members_of(*body, "chains"), "", true, true});
  return text_at(*body, "intact") == "true" ? kOk : kFailure;
}

}  // namespace

int run_audit_command(AuditOptions& options, const Terminal& terminal) {
  for (std::string* time : {&options.after, &options.before}) {
    if (time->empty()) continue;
    auto instant = settled_instant(*time, terminal.now());
    if (!instant) return complain(instant.error().detail, kUsage);
    if (auto settled = parse_instant(*instant); !settled) {
      return complain(settled.error().detail, kUsage);
    }
    *time = std::move(*instant);
  }
  auto client = connect(options.server);
  if (!client) return client.error();
  const View view{options.output, terminal};
  return options.verb == AuditVerb::kList ? list_entries(options, *client, view)
                                          : verify(*client, view);
}

}  // namespace hourwheel
