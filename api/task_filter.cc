#include "api/task_filter.h"

#include <algorithm>
#include <optional>
#include <string>

#include "api/members.h"
#include "api/text.h"
#include "api/word_list.h"
#include "api/words.h"
#include "engine/limits.h"
#include "engine/schedule/time_text.h"

namespace hourwheel {
namespace {

std::optional<RunState> last_result_of(std::string_view word) {
  if (word == "none") return RunState::kPending;
  for (RunState state : {RunState::kSucceeded, RunState::kDead, RunState::kSkipped,
                         RunState::kCanceled, RunState::kUnknown}) {
    if (word_of(state) == word) return state;
  }
  return std::nullopt;
}

Status add_state(TaskFilter& filter, std::string_view value) {
  return add_words(filter.statuses, value, &task_status_of,
                   "active, paused, completed, quarantined");
}

Status add_type(TaskFilter& filter, std::string_view value) {
  filter.type = task_type_of(value);
  return filter.type ? Status() : refuse_parameter("one-time or recurring");
}

Status add_kind(TaskFilter& filter, std::string_view value) {
  return add_words(filter.kinds, value, &schedule_kind_of, "at, every, fixed_delay, cron, rrule");
}

Status add_label(TaskFilter& filter, std::string_view value) {
  const size_t colon = value.find(':');
  if (colon == std::string_view::npos || filter.labels.size() >= kMaxLabels) {
    return refuse_parameter("key:value, given at most " + std::to_string(kMaxLabels) + " times");
  }
  filter.labels.emplace_back(value.substr(0, colon), value.substr(colon + 1));
  return {};
}

Status add_text(TaskFilter& filter, std::string_view value) {
  if (value.empty() || value.size() > kMaxSearchText) {
    return refuse_parameter("1 to " + std::to_string(kMaxSearchText) + " bytes to look for");
  }
  filter.text = value;
  return {};
}

Status add_host(TaskFilter& filter, std::string_view value) {
  if (value.empty()) return refuse_parameter("a host name or address");
  // As in a URL; an address of IPv6 is kept without its brackets.
  const bool bracketed = value.size() > 2 && value.front() == '[' && value.back() == ']';
  filter.target_host = lower_case(bracketed ? value.substr(1, value.size() - 2) : value);
  return {};
}

Status add_instant(std::optional<Instant>& out, std::string_view value) {
  const auto instant = parse_instant(value);
  if (!instant) return refuse_parameter(instant.error().detail);
  out = *instant;
  return {};
}

struct Parameter {
  std::string_view name;
  Status (*add)(TaskFilter& filter, std::string_view value);
  bool (*given)(const TaskFilter& filter);
};

constexpr Parameter kParameters[] = {
    {"state", add_state, [](const TaskFilter& filter) { return !filter.statuses.empty(); }},
    {"type", add_type, [](const TaskFilter& filter) { return filter.type.has_value(); }},
    {"schedule_kind", add_kind, [](const TaskFilter& filter) { return !filter.kinds.empty(); }},
    {"label", add_label, [](const TaskFilter& /*filter*/) { return false; }},
    {"q", add_text, [](const TaskFilter& filter) { return !filter.text.empty(); }},
    {"target_host", add_host, [](const TaskFilter& filter) { return !filter.target_host.empty(); }},
    {"next_due_after",
     [](TaskFilter& filter, std::string_view value) {
       return add_instant(filter.next_due_after, value);
     },
     [](const TaskFilter& filter) { return filter.next_due_after.has_value(); }},
    {"next_due_before",
     [](TaskFilter& filter, std::string_view value) {
       return add_instant(filter.next_due_before, value);
     },
     [](const TaskFilter& filter) { return filter.next_due_before.has_value(); }},
    {"last_result",
     [](TaskFilter& filter, std::string_view value) {
       return add_words(filter.last_results, value, &last_result_of,
                        "none, succeeded, dead, skipped, canceled, unknown");
     },
     [](const TaskFilter& filter) { return !filter.last_results.empty(); }},
};

// Of a body's filter. The array of a list of words is read as the query's text with commas.
struct FilterReading {
  TaskFilter& filter;
  FieldErrors& errors;
};

void add_member(FilterReading& reading, const JsonValue& value, std::string_view name,
                std::string_view text) {
  Status added = add_task_filter(reading.filter, name, text);
  if (!added) reading.errors.add(value, "invalid", added.error().detail);
}

void read_one(FilterReading& reading, const JsonValue& value) {
  if (!value.is(JsonKind::kString)) {
    return reading.errors.add(value, "wrong-type", "a string is expected");
  }
  add_member(reading, value, value.name(), value.text());
}

// False, with a refusal: there is an element that is no string, or there is none at all. No
// elements would be no condition, which nobody means who writes the member.
bool check_texts(FilterReading& reading, const JsonValue& array) {
  if (array.size() == 0) {
    reading.errors.add(array, "invalid", "an array of at least one is expected");
    return false;
  }
  bool good = true;
  for (auto text = array.first(); text; text = text->next()) {
    if (text->is(JsonKind::kString)) continue;
    reading.errors.add(*text, "wrong-type", "a string is expected");
    good = false;
  }
  return good;
}

void read_words(FilterReading& reading, const JsonValue& value) {
  if (!value.is(JsonKind::kArray)) return read_one(reading, value);
  if (!check_texts(reading, value)) return;
  std::string words;
  for (auto word = value.first(); word; word = word->next()) {
    if (!words.empty()) words += ',';
    words += word->text();
  }
  add_member(reading, value, value.name(), words);
}

void read_labels(FilterReading& reading, const JsonValue& value) {
  if (!value.is(JsonKind::kArray)) return read_one(reading, value);
  if (!check_texts(reading, value)) return;
  for (auto label = value.first(); label; label = label->next()) {
    add_member(reading, *label, value.name(), label->text());
  }
}

constexpr Member<FilterReading> kTaskFilterMembers[] = {
    {"state", read_words},
    {"type", read_one},
    {"schedule_kind", read_words},
    {"label", read_labels},
    {"q", read_one},
    {"target_host", read_one},
    {"next_due_after", read_one},
    {"next_due_before", read_one},
    {"last_result", read_words},
};

}  // namespace

Status add_task_filter(TaskFilter& filter, std::string_view name, std::string_view value) {
  for (const Parameter& parameter : kParameters) {
    if (parameter.name != name) continue;
    if (parameter.given(filter)) return refuse_parameter(std::string(name) + " is given twice");
    Status added = parameter.add(filter, value);
    return added ? added : refuse_parameter(std::string(name) + ": " + added.error().detail);
  }
  return refuse_parameter("the query takes no parameter \"" + std::string(name) + "\"");
}

Result<TaskFilter> task_filter_of(const QueryParameters& parameters) {
  TaskFilter filter;
  for (const auto& [name, value] : parameters) {
    if (Status added = add_task_filter(filter, name, value); !added) {
      return failure(std::move(added.error()));
    }
  }
  return filter;
}

void read_task_filter(const JsonValue& object, TaskFilter& filter, FieldErrors& errors) {
  FilterReading reading{filter, errors};
  read_members<FilterReading>(object, kTaskFilterMembers, Unknown::kRefuse, reading);
}

}  // namespace hourwheel
