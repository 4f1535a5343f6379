#include "api/dead_filter.h"

#include <span>

#include "api/word_list.h"
#include "api/words.h"
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

// What an attempt may have come to.
std::optional<AttemptResult> result_of(std::string_view word) {
  for (auto i = uint8_t{1}; i <= static_cast<uint8_t>(kLastAttemptResult); ++i) {
    const auto result = static_cast<AttemptResult>(i);
    if (word_of(result) == word) return result;
  }
  return std::nullopt;
}

Status add_results(DeadFilter& filter, std::string_view words) {
  Status added = add_words(filter.results, words, &result_of,
                           "the outcomes of attempts (responded, timed_out, connect_failed ...)");
  return added ? added : refuse_parameter("result: " + added.error().detail);
}

Status add_error(DeadFilter& filter, std::string_view text) {
  if (text.empty() || text.size() > kMaxSearchText) {
    return refuse_parameter("error: 1 to " + std::to_string(kMaxSearchText) + " bytes to look for");
  }
  filter.error = text;
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

// One text, or an array of some.
void read_several(FilterBody& body, const JsonValue& value,
                  Status (*add)(DeadFilter& filter, std::string_view text)) {
  if (!value.is(JsonKind::kArray)) return read_as_parameter(body, value);
  if (!value.first()) {
    return body.errors.add(value, "invalid", "at least one is expected: none narrows nothing");
  }
  for (auto one = value.first(); one; one = one->next()) {
    if (!one->is(JsonKind::kString)) {
      body.errors.add(*one, "wrong-type", "a string is expected");
    } else if (Status added = add(body.filter, one->text()); !added) {
      body.errors.add(*one, "invalid", added.error().detail);
    }
  }
}

void read_labels(FilterBody& body, const JsonValue& value) {
  read_several(body, value, &add_label);
}

// The first three are of dead letters only: open runs have not ended.
constexpr size_t kOfDeadOnly = 3;
constexpr Member<FilterBody> kDeadFilterMembers[] = {
    {"state", read_as_parameter},
    {"result",
     [](FilterBody& body, const JsonValue& value) { read_several(body, value, &add_results); }},
    {"error", read_as_parameter},
    {"task_id", read_as_parameter},
    {"due_after", read_as_parameter},
    {"due_before", read_as_parameter},
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
  if (name == "result" || name == "error") {
    const bool again = name == "result" ? !filter.results.empty() : !filter.error.empty();
    if (again) return refuse_parameter(std::string(name) + " is given twice");
    return name == "result" ? add_results(filter, value) : add_error(filter, value);
  }
  if (name == "due_after" || name == "due_before") {
    auto instant = parse_instant(value);
    if (!instant) return refuse_parameter(std::string(name) + ": " + instant.error().detail);
    (name == "due_after" ? filter.due_after : filter.due_before) = *instant;
    return {};
  }
  if (name == "trigger") {
    return refuse_parameter("trigger chooses among what the run log keeps, not dead letters");
  }
  return refuse_parameter("the query takes no parameter \"" + std::string(name) + "\"");
}

void read_open_filter(const JsonValue& object, DeadFilter& filter, FieldErrors& errors) {
  FilterBody body{filter, errors};
  const std::span<const Member<FilterBody>> members(kDeadFilterMembers);
  const auto of_open_runs = members.subspan(kOfDeadOnly);
  if (!read_members<FilterBody>(object, of_open_runs, Unknown::kRefuse, body)) return;
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
