#include "api/retry_json.h"

#include <cmath>

#include "api/code_ranges.h"
#include "api/members.h"
#include "engine/base/check.h"
#include "engine/limits.h"

namespace hourwheel {
namespace {

constexpr Word<BackoffKind> kBackoffs[] = {{"exponential", BackoffKind::kExponential},
                                           {"fixed", BackoffKind::kFixed},
                                           {"linear", BackoffKind::kLinear}};
constexpr Word<BackoffJitter> kJitters[] = {{"full", BackoffJitter::kFull},
                                            {"none", BackoffJitter::kNone}};

struct RetryReading {
  RetryPolicy& retry;
  FieldErrors& errors;
};

void read_multiplier(RetryReading& reading, const JsonValue& value) {
  auto number = value.is(JsonKind::kNumber) ? value.real() : std::nullopt;
  if (!number || *number < 1 || *number > 100) {
    return reading.errors.add(value, "out-of-range", "must be a number from 1 to 100");
  }
  reading.retry.multiplier_percent = static_cast<uint32_t>(std::lround(*number * 100));
}

void read_backoff_list(RetryReading& reading, const JsonValue& value) {
  if (value.size() == 0 || value.size() > kMaxBackoffList) {
    return reading.errors.add(value, value.size() == 0 ? "required" : "too-many",
                              "a list has 1 to " + std::to_string(kMaxBackoffList) + " durations");
  }
  std::vector<Duration> list;
  for (auto element = value.first(); element; element = element->next()) {
    Duration& wait = list.emplace_back();
    if (!read_duration(*element, {milliseconds(0), kLongestPolicy}, wait, reading.errors)) return;
  }
  reading.retry.backoff = BackoffKind::kList;
  reading.retry.backoff_list = std::move(list);
}

void read_backoff(RetryReading& reading, const JsonValue& value) {
  if (value.is(JsonKind::kArray)) return read_backoff_list(reading, value);
  read_word(value, kBackoffs, reading.retry.backoff, reading.errors);
}

void read_length(RetryReading& reading, const JsonValue& value, Duration& out) {
  read_duration(value, {milliseconds(0), kLongestPolicy}, out, reading.errors);
}

constexpr Member<RetryReading> kRetryMembers[] = {
    {"max_attempts",
     [](RetryReading& reading, const JsonValue& value) {
       int64_t attempts = 0;
       if (read_whole(value, {1, kMaxAttempts}, attempts, reading.errors)) {
         reading.retry.max_attempts = static_cast<uint32_t>(attempts);
       }
     }},
    {"backoff", read_backoff},
    {"min_backoff",
     [](RetryReading& reading, const JsonValue& value) {
       read_length(reading, value, reading.retry.min_backoff);
     }},
    {"max_backoff",
     [](RetryReading& reading, const JsonValue& value) {
       read_length(reading, value, reading.retry.max_backoff);
     }},
    {"multiplier", read_multiplier},
    {"jitter",
     [](RetryReading& reading, const JsonValue& value) {
       read_word(value, kJitters, reading.retry.jitter, reading.errors);
     }},
    {"max_age", [](RetryReading& reading,
                   const JsonValue& value) { read_length(reading, value, reading.retry.max_age); }},
    {"retry_on",
     [](RetryReading& reading, const JsonValue& value) {
       read_retry_on(value, reading.retry.retry_on, reading.errors);
     }},
    {"retry_until_next",
     [](RetryReading& reading, const JsonValue& value) {
       read_truth(value, reading.retry.retry_until_next, reading.errors);
     }},
};

void write_backoff(JsonWriter& json, const RetryPolicy& policy) {
  if (policy.backoff != BackoffKind::kList) {
    for (const Word<BackoffKind>& word : kBackoffs) {
      if (word.value == policy.backoff) return json.string(word.word);
    }
    HW_CHECK(false, "every kind of back-off but the list has a word");
  }
  json.begin_array();
  for (Duration wait : policy.backoff_list) json.duration(wait);
  json.end_array();
}

// A single code as a number, a range as a string.
void write_codes(JsonWriter& json, const std::vector<CodeRange>& ranges) {
  json.begin_array();
  for (const CodeRange& range : ranges) {
    if (range.first == range.last) {
      json.count(range.first);
    } else {
      json.string(to_text(range));
    }
  }
  json.end_array();
}

}  // namespace

void read_retry(const JsonValue& value, Shape shape, RetryPolicy& policy, FieldErrors& errors) {
  RetryReading reading{policy, errors};
  std::span<const Member<RetryReading>> members = kRetryMembers;
  if (!read_members(value, members, unknown_of(shape), reading)) return;
  if (policy.min_backoff > policy.max_backoff) {
    errors.add(value, "out-of-range", "min_backoff is longer than max_backoff");
  }
}

void write_retry(JsonWriter& json, const RetryPolicy& policy) {
  json.begin_object();
  json.name("max_attempts");
  json.count(policy.max_attempts);
  json.name("backoff");
  write_backoff(json, policy);
  json.name("min_backoff");
  json.duration(policy.min_backoff);
  json.name("max_backoff");
  json.duration(policy.max_backoff);
  json.name("multiplier");
  json.real(policy.multiplier_percent / 100.0);
  json.name("jitter");
  json.string(policy.jitter == BackoffJitter::kFull ? "full" : "none");
  json.name("max_age");
  json.duration(policy.max_age);
  json.name("retry_on");
  write_codes(json, policy.retry_on);
  json.name("retry_until_next");
  json.boolean(policy.retry_until_next);
  json.end_object();
}

}  // namespace hourwheel
