#include "engine/made_by.h"

namespace hourwheel {

MadeBy tasks_made(const Batch& batch) {
  MadeBy made;
  for (const TaskChange& change : batch.tasks) {
    const std::string& key = change.state.created_by;
    if (key.empty()) continue;
    if (change.kind == ChangeKind::kCreate) ++made[key];
    if (change.kind == ChangeKind::kRemove) --made[key];
  }
  std::erase_if(made, [](const auto& one) { return one.second == 0; });
  return made;
}

void add_up(MadeBy& all, const MadeBy& more) {
  for (const auto& [key, tasks] : more) {
    auto place = all.try_emplace(key, 0).first;
    place->second += tasks;
    if (place->second == 0) all.erase(place);
  }
}

}  // namespace hourwheel
