#include "engine/task_filter.h"

#include <algorithm>
#include <string_view>

#include "engine/text_search.h"
#include "engine/url.h"

namespace hourwheel {
namespace {

template <class Value>
bool is_among(const std::vector<Value>& wanted, const Value& value) {
  return wanted.empty() || std::find(wanted.begin(), wanted.end(), value) != wanted.end();
}

bool goes_to_host(const Target& target, std::string_view host) {
  if (target.kind != TargetKind::kHttp) return false;
  const auto url = parse_url(target.url);
  return url && url->host == host;
}

}  // namespace

bool takes_all(const TaskFilter& filter) {
  return filter == TaskFilter{};
}

bool may_be_open(const TaskState& stored, Instant by) {
  if (!stored.open.empty()) return true;
  const auto wake = stored.wake();
  return wake && *wake <= by;
}

bool matches_state(const TaskFilter& filter, const TaskState& state) {
  if (!is_among(filter.statuses, status_of(state))) return false;
  if (!is_among(filter.last_results, state.last_run.state)) return false;
  if (filter.may_be_open_at && !may_be_open(state, *filter.may_be_open_at)) return false;
  if (filter.next_due_after && !(state.next_due && *state.next_due >= *filter.next_due_after)) {
    return false;
  }
  return !filter.next_due_before || (state.next_due && *state.next_due < *filter.next_due_before);
}

bool matches_spec(const TaskFilter& filter, const TaskSpec& spec) {
  if (filter.type && *filter.type != spec.type) return false;
  if (!is_among(filter.kinds, spec.schedule.kind)) return false;
  const bool labelled =
      std::all_of(filter.labels.begin(), filter.labels.end(), [&spec](const NamedText& label) {
        return std::find(spec.labels.begin(), spec.labels.end(), label) != spec.labels.end();
      });
  if (!labelled) return false;
  if (!filter.target_host.empty() && !goes_to_host(spec.target, filter.target_host)) return false;
  return filter.text.empty() || holds_text(spec, filter.text);
}

bool holds_text(const TaskSpec& spec, std::string_view text) {
  for (const std::string* one : {&spec.id, &spec.description, &spec.target.url, &spec.payload}) {
    if (holds_part(*one, text)) return true;
  }
  return std::any_of(spec.labels.begin(), spec.labels.end(), [text](const NamedText& label) {
    return holds_part(label.first + ":" + label.second, text);
  });
}

}  // namespace hourwheel
