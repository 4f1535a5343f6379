#include "api/dead_filter.h"

#include <span>

#include "api/word_list.h"
#include "engine/limits.h"
#include "engine/schedule/time_text.h"

namespace hourwheel {
namespace {

Status add_label(DeadFilter& filter, std::string_view text) {
  size_t colon = text.find(':');
  if (colon == std::string_view::npos || filter.labels.size() >= kMaxLabels) {
    return refuse_parameter("label is key:value, given at most " + std::to_string(kMaxLabels) +
                            " times");
  }
  filter.labels.emplace_back(text.substr(0, colon), text.substr(colon + 1));
  return {};
}

struct FilterBody {
  DeadFilter& filter;
  FieldErrors& errors;
  bool has_state = false;
};

// Reads a member as the query's parameter of the same name.
void read_as_parameter(FilterBody& body, const JsonValue& value) {
  if (!value.is(JsonKind::kString)) {
    return body.errors.add(value, "wrong-type", "a string is expected");
  }
  Status added = add_dead_filter(body.filter, value.name(), value.text());
  if (!added) return body.errors.add(value, "invalid", added.error().detail);
  if (value.name() == "state") body.has_state = true;
}

void read_labels(FilterBody& body, const JsonValue& value) {
  if (!value.is(JsonKind::kArray)) return read_as_parameter(body, value);
  if (!value.first()) {
    return body.errors.add(value, "invalid",
                           "at least one label is expected: none narrows nothing");
  }
  for (auto label = value.first(); label; label = label->next()) {
    if (!label->is(JsonKind::kString)) {
      body.errors.add(*label, "wrong-type", "a string is expected");
    } else if (Status added = add_label(body.filter, label->text()); !added) {
      body.errors.add(*label, "invalid", added.error().detail);
    }
  }
}

constexpr Member<FilterBody> kDeadFilterMembers[] = {
    {"state", read_as_parameter},     {"task_id", read_as_parameter},
    {"due_after", read_as_parameter}, {"due_before", read_as_parameter},
    {"label", read_labels},
};

}  // namespace

Status add_dead_filter(DeadFilter& filter, std::string_view name, std::string_view value) {
  if (name == "state") {
    if (value == "dead") return {};
    return refuse_parameter("only \"dead\" names dead letters");
  }
  if (name == "task_id") {
    filter.task = task_key(value);
    return {};
  }
  if (name == "label") return add_label(filter, value);
  if (name == "due_after" || name == "due_before") {
    auto instant = parse_instant(value);
    if (!instant) return refuse_parameter(std::string(name) + ": " + instant.error().detail);
    (name == "due_after" ? filter.due_after : filter.due_before) = *instant;
    return {};
  }
  if (name == "trigger" || name == "result") {
    return refuse_parameter(std::string(name) +
                            " chooses among what the run log keeps, not dead letters");
  }
  return refuse_parameter("the query takes no parameter \"" + std::string(name) + "\"");
}

void read_open_filter(const JsonValue& object, DeadFilter& filter, FieldErrors& errors) {
  FilterBody body{filter, errors};
  const std::span<const Member<FilterBody>> members(kDeadFilterMembers);
  const auto but_state = members.subspan(1);
  if (!read_members<FilterBody>(object, but_state, Unknown::kRefuse, body)) return;
  if (filter.task || !filter.labels.empty() || !errors.empty()) return;
  errors.add({ErrorCode::kValidationFailed, object.pointer(), "required",
              "a task_id or a label is missing: whose runs are canceled has to be said"});
}

void read_dead_filter(const JsonValue& object, DeadFilter& filter, FieldErrors& errors) {
  FilterBody body{filter, errors};
  if (!read_members<FilterBody>(object, kDeadFilterMembers, Unknown::kRefuse, body)) return;
  if (body.has_state || object.find("state")) return;
  errors.add({ErrorCode::kValidationFailed, object.pointer() + "/state", "required",
              "the state is missing; it is \"dead\""});
}

}  // namespace hourwheel
