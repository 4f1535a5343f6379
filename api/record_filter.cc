#include "api/record_filter.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "api/dead_filter.h"
#include "api/word_list.h"
#include "api/words.h"

namespace hourwheel {
namespace {

std::optional<RunState> recorded_state_of(std::string_view word) {
  for (RunState state : {RunState::kSucceeded, RunState::kDead, RunState::kRetrying,
                         RunState::kCanceled, RunState::kSkipped, RunState::kUnknown}) {
    if (word_of(state) == word) return state;
  }
  return std::nullopt;
}

std::optional<Trigger> trigger_of(std::string_view word) {
  for (Trigger trigger : {Trigger::kSchedule, Trigger::kManual, Trigger::kBackfill}) {
    if (word_of(trigger) == word) return trigger;
  }
  return std::nullopt;
}

// Whether `word` is one of those with commas between.
bool has_word(std::string_view words, std::string_view word) {
  const std::string list = "," + std::string(words) + ",";
  return list.find("," + std::string(word) + ",") != std::string::npos;
}

Status add_state(RecordFilter& filter, std::string_view value) {
  for (RunState open : {RunState::kPending, RunState::kRunning}) {
    if (!has_word(value, word_of(open))) continue;
    return refuse_parameter(
        "of a run that is " + std::string(word_of(open)) +
        " nothing is recorded yet; it is seen at its task, in /v1/tasks/{id}/runs");
  }
  return add_words(filter.states, value, &recorded_state_of,
                   "succeeded, dead, retrying, canceled, skipped, unknown");
}

struct RecordParameter {
  std::string_view name;
  Status (*add)(RecordFilter& filter, std::string_view value);
};

constexpr RecordParameter kRecordParameters[] = {
    {"state", add_state},
    {"trigger",
     [](RecordFilter& filter, std::string_view value) {
       return add_words(filter.triggers, value, &trigger_of, "schedule, manual, backfill");
     }},
};

Status add_parameter(RecordFilter& filter, std::string_view name, std::string_view value) {
  for (const RecordParameter& parameter : kRecordParameters) {
    if (parameter.name != name) continue;
    Status added = parameter.add(filter, value);
    return added ? added : refuse_parameter(std::string(name) + ": " + added.error().detail);
  }
  return add_dead_filter(filter.run, name, value);
}

}  // namespace

Result<RecordFilter> record_filter_of(const QueryParameters& parameters) {
  RecordFilter filter;
  for (auto one = parameters.begin(); one != parameters.end(); ++one) {
    const auto& [name, value] = *one;
    const bool again = std::any_of(
        parameters.begin(), one, [&one](const auto& before) { return before.first == one->first; });
    if (again && name != "label") return refuse_parameter(name + " is given twice");
    if (Status added = add_parameter(filter, name, value); !added) {
      return failure(std::move(added.error()));
    }
  }
  return filter;
}

bool asks_for_dead_letters(const QueryParameters& parameters) {
  bool any = false;
  for (const auto& [name, value] : parameters) {
    if (name != "state") continue;
    if (value != "dead") return false;
    any = true;
  }
  return any;
}

}  // namespace hourwheel
