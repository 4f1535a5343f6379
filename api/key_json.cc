#include "api/key_json.h"

#include <string>
#include <vector>

#include "api/key_text.h"
#include "api/label_json.h"
#include "api/members.h"
#include "api/network.h"
#include "engine/limits.h"

namespace hourwheel {
namespace {

struct KeyReading {
  Instant now;
  ApiKey& key;
  FieldErrors& errors;
};

template <class Named>
std::string list_of(std::span<const Named> all) {
  std::vector<std::string_view> words;
  for (const Named& one : all) words.push_back(one.word);
  return list_words(words);
}

void read_scopes(KeyReading& reading, const JsonValue& value) {
  if (!value.is(JsonKind::kArray)) {
    return reading.errors.add(value, "wrong-type", "an array of scopes is expected");
  }
  for (auto one = value.first(); one; one = one->next()) {
    const auto right = one->is(JsonKind::kString) ? parse_right(one->text()) : std::nullopt;
    if (right) {
      reading.key.rights.add(*right);
    } else {
      reading.errors.add(*one, "unknown-value", "must be " + list_of(right_words()));
    }
  }
}

void read_role(KeyReading& reading, const JsonValue& value) {
  for (const RoleWord& role : role_words()) {
    if (value.is(JsonKind::kString) && value.text() == role.word) {
      return reading.key.rights.add(role.rights);
    }
  }
  reading.errors.add(value, "unknown-value", "must be " + list_of(role_words()));
}

void read_networks(KeyReading& reading, const JsonValue& value) {
  if (!value.is(JsonKind::kArray)) {
    return reading.errors.add(value, "wrong-type", "an array of networks is expected");
  }
  if (value.size() > kMaxKeyNetworks) {
    return reading.errors.add(value, "too-many",
                              "at most " + std::to_string(kMaxKeyNetworks) + " networks");
  }
  for (auto one = value.first(); one; one = one->next()) {
    if (one->is(JsonKind::kString) && parse_network(one->text())) {
      reading.key.networks.emplace_back(one->text());
    } else {
      reading.errors.add(*one, "invalid",
                         "must be an address or a network, as 10.0.0.0/8, without bits behind the "
                         "prefix");
    }
  }
}

// Whoever leaves the labels out by mistake must not get a key that reaches everything.
void read_selection(KeyReading& reading, const JsonValue& value) {
  if (value.is(JsonKind::kNull)) return;
  if (value.is(JsonKind::kObject) && value.size() == 0) {
    return reading.errors.add(value, "too-few", "a selection has at least one label");
  }
  read_labels(value, reading.key.selection, reading.errors);
}

void read_expiry(KeyReading& reading, const JsonValue& value) {
  Instant expires;
  if (value.is(JsonKind::kNull) || !read_instant(value, expires, reading.errors)) return;
  if (expires <= reading.now) reading.errors.add(value, "out-of-range", "has passed already");
  reading.key.expires = expires;
}

struct LimitReading {
  RateLimit limit;
  FieldErrors& errors;
};

constexpr Member<LimitReading> kLimitMembers[] = {
    {"operations",
     [](LimitReading& reading, const JsonValue& value) {
       int64_t count = 0;
       if (!read_whole(value, {1, kMaxKeyRate}, count, reading.errors)) return;
       reading.limit.count = static_cast<uint32_t>(count);
     }},
    {"per",
     [](LimitReading& reading, const JsonValue& value) {
       read_duration(value, {seconds(1), kMaxKeyWindow}, reading.limit.per, reading.errors);
     }},
};

void read_rate_limit(KeyReading& reading, const JsonValue& value) {
  if (value.is(JsonKind::kNull)) return;
  LimitReading limit{{0, seconds(1)}, reading.errors};
  std::span<const Member<LimitReading>> members = kLimitMembers;
  if (!read_members(value, members, Unknown::kRefuse, limit)) return;
  if (!value.find("operations")) {
    return reading.errors.add({ErrorCode::kValidationFailed, value.pointer() + "/operations",
                               "required", "how many operations are allowed is missing"});
  }
  reading.key.rate_limit = limit.limit;
}

constexpr Member<KeyReading> kQuotaMembers[] = {
    {"max_tasks",
     [](KeyReading& reading, const JsonValue& value) {
       int64_t tasks = 0;
       if (value.is(JsonKind::kNull)) return;
       if (!read_whole(value, {1, kMaxKeyTasks}, tasks, reading.errors)) return;
       reading.key.max_tasks = static_cast<uint32_t>(tasks);
     }},
};

void read_quotas(KeyReading& reading, const JsonValue& value) {
  if (value.is(JsonKind::kNull)) return;
  std::span<const Member<KeyReading>> members = kQuotaMembers;
  read_members(value, members, Unknown::kRefuse, reading);
}

constexpr Member<KeyReading> kKeyMembers[] = {
    {"name",
     [](KeyReading& reading, const JsonValue& value) {
       read_text(value, kMaxKeyName, reading.key.name, reading.errors);
     }},
    {"scopes", read_scopes},
    {"role", read_role},
    {"networks", read_networks},
    {"selection", read_selection},
    {"expires_at", read_expiry},
    {"rate_limit", read_rate_limit},
    {"quotas", read_quotas},
};

}  // namespace

ApiKey read_api_key(const JsonValue& object, Instant now, FieldErrors& errors) {
  ApiKey key;
  KeyReading reading{now, key, errors};
  std::span<const Member<KeyReading>> members = kKeyMembers;
  if (!read_members(object, members, Unknown::kRefuse, reading) || !errors.empty()) return key;
  if (key.name.empty()) {
    errors.add({ErrorCode::kValidationFailed, "/name", "required", "the name is missing"});
  }
  if (key.rights.empty()) {
    errors.add({ErrorCode::kValidationFailed, "/scopes", "required",
                "a key needs a role, or scopes: one or more of " + list_of(right_words())});
  }
  key.created = now;
  return key;
}

void write_rights(JsonWriter& json, Rights rights) {
  json.begin_array();
  for (const RightWord& one : right_words()) {
    if (rights.has(one.right)) json.string(one.word);
  }
  json.end_array();
}

void write_key_members(JsonWriter& json, const ApiKey& key, std::optional<uint32_t> tasks) {
  json.name("id");
  json.string(key.id);
  json.name("name");
  json.string(key.name);
  json.name("scopes");
  write_rights(json, key.rights);
  if (!key.networks.empty()) {
    json.name("networks");
    json.begin_array();
    for (const std::string& network : key.networks) json.string(network);
    json.end_array();
  }
  if (!key.selection.empty()) {
    json.name("selection");
    write_texts(json, key.selection);
  }
  json.name("created_at");
  json.instant(key.created);
  if (!key.created_by.empty()) {
    json.name("created_by");
    json.string(key.created_by);
  }
  if (key.expires) {
    json.name("expires_at");
    json.instant(*key.expires);
  }
  if (key.last_used) {
    json.name("last_used_at");
    json.instant(*key.last_used);
  }
  if (key.rate_limit) {
    json.name("rate_limit");
    json.begin_object();
    json.name("operations");
    json.count(key.rate_limit->count);
    json.name("per");
    json.duration(key.rate_limit->per);
    json.end_object();
  }
  if (key.max_tasks) {
    json.name("quotas");
    json.begin_object();
    json.name("max_tasks");
    json.count(*key.max_tasks);
    if (tasks) {
      json.name("tasks");
      json.count(*tasks);
    }
    json.end_object();
  }
}

void write_api_key(JsonWriter& json, const ApiKey& key, std::optional<uint32_t> tasks) {
  json.begin_object();
  write_key_members(json, key, tasks);
  json.end_object();
}

}  // namespace hourwheel
