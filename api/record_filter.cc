#include "api/record_filter.h"

#include <algorithm>
#include <optional>
#include <span>
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

std::optional<RunState> open_state_of(std::string_view word) {
  for (RunState state : {RunState::kPending, RunState::kRunning}) {
    if (word_of(state) == word) return state;
  }
  return std::nullopt;
}

Status add_state(RecordFilter& filter, std::string_view value) {
  return add_words(filter.states, value, &recorded_state_of,
                   "succeeded, dead, retrying, canceled, skipped, unknown");
}

Status add_open_state(RecordFilter& filter, std::string_view value) {
  return add_words(filter.states, value, &open_state_of,
                   "pending, running (which are of open runs, and not asked for together with "
                   "what the run log keeps)");
}

struct RecordParameter {
  std::string_view name;
  Status (*add)(RecordFilter& filter, std::string_view value);
};

Status add_trigger(RecordFilter& filter, std::string_view value) {
  return add_words(filter.triggers, value, &trigger_of, "schedule, manual, backfill");
}

Status refuse_end(RecordFilter& /*filter*/, std::string_view /*value*/) {
  return refuse_parameter("no attempt of an open run that is pending or running tells of it yet");
}

constexpr RecordParameter kRecordParameters[] = {{"state", add_state}, {"trigger", add_trigger}};
constexpr RecordParameter kOpenParameters[] = {{"state", add_open_state},
                                               {"trigger", add_trigger},
                                               {"result", refuse_end},
                                               {"error", refuse_end}};

using Parameters = std::span<const RecordParameter>;

Status add_parameter(RecordFilter& filter, Parameters known, std::string_view name,
                     std::string_view value) {
  for (const RecordParameter& parameter : known) {
    if (parameter.name != name) continue;
    Status added = parameter.add(filter, value);
    return added ? added : refuse_parameter(std::string(name) + ": " + added.error().detail);
  }
  return add_dead_filter(filter.run, name, value);
}

Result<RecordFilter> filter_of(const QueryParameters& parameters, Parameters known) {
  RecordFilter filter;
  for (auto one = parameters.begin(); one != parameters.end(); ++one) {
    const auto& [name, value] = *one;
    const bool again = std::any_of(
        parameters.begin(), one, [&one](const auto& before) { return before.first == one->first; });
    if (again && name != "label") return refuse_parameter(name + " is given twice");
    if (Status added = add_parameter(filter, known, name, value); !added) {
      return failure(std::move(added.error()));
    }
  }
  return filter;
}

}  // namespace

Result<RecordFilter> record_filter_of(const QueryParameters& parameters) {
  return filter_of(parameters, kRecordParameters);
}

Result<RecordFilter> open_filter_of(const QueryParameters& parameters) {
  return filter_of(parameters, kOpenParameters);
}

bool asks_for_open_runs(const QueryParameters& parameters) {
  return std::any_of(parameters.begin(), parameters.end(), [](const auto& one) {
    return one.first == "state" && (has_word(one.second, word_of(RunState::kPending)) ||
                                    has_word(one.second, word_of(RunState::kRunning)));
  });
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
