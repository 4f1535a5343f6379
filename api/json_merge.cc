#include "api/json_merge.h"

#include <algorithm>
#include <vector>

#include "api/json_writer.h"
#include "engine/base/check.h"

namespace hourwheel {
namespace {

// The members of an object by name: a payload may have many.
class Members {
 public:
  explicit Members(const JsonValue& object) {
    members_.reserve(object.size());
    for (auto member = object.first(); member; member = member->next()) members_.push_back(*member);
    std::sort(members_.begin(), members_.end(), before);
  }
  [[nodiscard]] const JsonValue* find(std::string_view name) const {
    const auto at =
        std::lower_bound(members_.begin(), members_.end(), name,
                         [](const JsonValue& a, std::string_view b) { return a.name() < b; });
    return at != members_.end() && at->name() == name ? &*at : nullptr;
  }

 private:
  static bool before(const JsonValue& a, const JsonValue& b) { return a.name() < b.name(); }
  std::vector<JsonValue> members_;
};

// RFC 7396 section 2. target: the value in the patch's place; none, or not an object: it is made.
void write_merged(JsonWriter& json, const std::optional<JsonValue>& target,
                  const JsonValue& patch) {
  if (!patch.is(JsonKind::kObject)) return json.raw(patch.raw());
  const bool merges = target && target->is(JsonKind::kObject);
  json.begin_object();
  if (merges) {
    const Members changes(patch);
    for (auto member = target->first(); member; member = member->next()) {
      const JsonValue* change = changes.find(member->name());
      if (change != nullptr && change->is(JsonKind::kNull)) continue;
      json.user_name(member->name());
      change != nullptr ? write_merged(json, member, *change) : json.raw(member->raw());
    }
  }
  const std::optional<Members> there = merges ? std::optional<Members>(*target) : std::nullopt;
  for (auto change = patch.first(); change; change = change->next()) {
    if (change->is(JsonKind::kNull) || (there && there->find(change->name()) != nullptr)) continue;
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
