#include "api/json_merge.h"

#include "api/json_writer.h"
#include "engine/base/check.h"

namespace hourwheel {
namespace {

// RFC 7396 section 2. target: the value in the patch's place; none, or not an object: it is made.
void write_merged(JsonWriter& json, const std::optional<JsonValue>& target,
                  const JsonValue& patch) {
  if (!patch.is(JsonKind::kObject)) return json.raw(patch.raw());
  const bool merges = target && target->is(JsonKind::kObject);
  json.begin_object();
  if (merges) {
    for (auto member = target->first(); member; member = member->next()) {
      const auto change = patch.find(member->name());
      if (change && change->is(JsonKind::kNull)) continue;
      json.user_name(member->name());
      change ? write_merged(json, member, *change) : json.raw(member->raw());
    }
  }
  for (auto change = patch.first(); change; change = change->next()) {
    if (change->is(JsonKind::kNull) || (merges && target->find(change->name()))) continue;
    json.user_name(change->name());
    write_merged(json, std::nullopt, *change);
  }
  json.end_object();
}

}  // namespace

std::string merge_patch(const JsonValue& target, const JsonValue& patch) {
  HW_CHECK(target.is(JsonKind::kObject) && patch.is(JsonKind::kObject), "objects are merged");
  std::string out;
  out.reserve(target.raw().size() + patch.raw().size());
  JsonWriter json(out);
  write_merged(json, target, patch);
  return out;
}

}  // namespace hourwheel
