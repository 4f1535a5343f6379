#include "engine/task_filter.h"

#include <algorithm>
#include <cstring>
#include <string_view>

#include "engine/url.h"

namespace hourwheel {
namespace {

template <class Value>
bool is_among(const std::vector<Value>& wanted, const Value& value) {
  return wanted.empty() || std::find(wanted.begin(), wanted.end(), value) != wanted.end();
}

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  }
  return out;
}

// memmem is linear whatever the two are; a payload may be long and made for the worst.
bool contains(std::string_view whole, std::string_view part) {
  const std::string lower = lower_case(whole);
  return memmem(lower.data(), lower.size(), part.data(), part.size()) != nullptr;
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

bool matches_state(const TaskFilter& filter, const TaskState& state) {
  if (!is_among(filter.statuses, status_of(state))) return false;
  if (!is_among(filter.last_results, state.last_run.state)) return false;
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
  const std::string part = lower_case(text);
  for (const std::string* one : {&spec.id, &spec.description, &spec.target.url, &spec.payload}) {
    if (contains(*one, part)) return true;
  }
  return std::any_of(spec.labels.begin(), spec.labels.end(), [&part](const NamedText& label) {
    return contains(label.first + ":" + label.second, part);
  });
}

}  // namespace hourwheel
