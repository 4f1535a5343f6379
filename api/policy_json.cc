#include "api/policy_json.h"

#include "engine/limits.h"

namespace hourwheel {
namespace {

constexpr Word<MisfirePolicy> kMisfirePolicies[] = {{"fire_once", MisfirePolicy::kFireOnce},
                                                    {"skip", MisfirePolicy::kSkip},
                                                    {"fire_all", MisfirePolicy::kFireAll}};
constexpr Word<Overlap> kOverlaps[] = {{"buffer_one", Overlap::kBufferOne},
                                       {"skip", Overlap::kSkip},
                                       {"allow", Overlap::kAllow},
                                       {"buffer_all", Overlap::kBufferAll},
                                       {"cancel_running", Overlap::kCancelRunning}};
constexpr Duration kLongestCatchUp = hours(24 * 366);

template <class Value, size_t n>
std::string_view word_for(const Word<Value> (&words)[n], Value value) {
  for (const Word<Value>& word : words) {
    if (word.value == value) return word.word;
  }
  return "";
}

struct MisfireReading {
  Misfire& misfire;
  FieldErrors& errors;
};

void read_count(const JsonValue& value, uint32_t most, uint32_t& out, FieldErrors& errors) {
  int64_t whole = 0;
  if (read_whole(value, {1, most}, whole, errors)) out = static_cast<uint32_t>(whole);
}

constexpr Member<MisfireReading> kMisfireMembers[] = {
    {"policy",
     [](MisfireReading& reading, const JsonValue& value) {
       read_word(value, kMisfirePolicies, reading.misfire.policy, reading.errors);
     }},
    {"max_age",
     [](MisfireReading& reading, const JsonValue& value) {
       read_duration(value, {milliseconds(0), kLongestCatchUp}, reading.misfire.max_age,
                     reading.errors);
     }},
    {"max_count",
     [](MisfireReading& reading, const JsonValue& value) {
       read_count(value, kMaxMisfireCount, reading.misfire.max_count, reading.errors);
     }},
    {"rate",
     [](MisfireReading& reading, const JsonValue& value) {
       read_count(value, kMaxMisfireRate, reading.misfire.rate, reading.errors);
     }},
};

struct RetentionReading {
  uint32_t& keep_runs;
  FieldErrors& errors;
  std::optional<JsonValue> count{};
};

constexpr Member<RetentionReading> kRetentionMembers[] = {
    {"count",
     [](RetentionReading& reading, const JsonValue& value) {
       reading.count = value;
       read_count(value, kMaxKeepRuns, reading.keep_runs, reading.errors);
     }},
};

}  // namespace

void read_misfire(const JsonValue& value, Misfire& out, FieldErrors& errors) {
  if (value.is(JsonKind::kString)) {
    read_word(value, kMisfirePolicies, out.policy, errors);
    return;
  }
  MisfireReading reading{out, errors};
  std::span<const Member<MisfireReading>> members = kMisfireMembers;
  read_members(value, members, Unknown::kRefuse, reading);
}

void read_overlap(const JsonValue& value, Overlap& out, FieldErrors& errors) {
  read_word(value, kOverlaps, out, errors);
}

void read_retention(const JsonValue& value, uint32_t& keep_runs, FieldErrors& errors) {
  keep_runs = 0;
  if (value.is(JsonKind::kNull)) return;
  RetentionReading reading{keep_runs, errors};
  std::span<const Member<RetentionReading>> members = kRetentionMembers;
  if (!read_members(value, members, Unknown::kRefuse, reading)) return;
  if (!reading.count) refuse_missing(value.pointer() + "/count", errors);
}

void write_misfire(JsonWriter& json, const Misfire& misfire) {
  const std::string_view word = word_for(kMisfirePolicies, misfire.policy);
  Misfire plain;
  plain.policy = misfire.policy;
  if (misfire == plain && misfire.policy != MisfirePolicy::kFireAll) return json.string(word);
  json.begin_object();
  json.name("policy");
  json.string(word);
  json.name("max_age");
  json.duration(misfire.max_age);
  json.name("max_count");
  json.count(misfire.max_count);
  json.name("rate");
  json.count(misfire.rate);
  json.end_object();
}

void write_overlap(JsonWriter& json, Overlap overlap) {
  json.string(word_for(kOverlaps, overlap));
}

void write_retention(JsonWriter& json, uint32_t keep_runs) {
  if (keep_runs == 0) return json.null();
  json.begin_object();
  json.name("count");
  json.count(keep_runs);
  json.end_object();
}

}  // namespace hourwheel
