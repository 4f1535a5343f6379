#include "engine/audit.h"

namespace hourwheel {

bool matches(const AuditFilter& filter, const AuditEntry& entry) {
  if (filter.task && entry.task != *filter.task) return false;
  if (!filter.key.empty() && entry.actor.key != filter.key) return false;
  if (filter.after && entry.at < *filter.after) return false;
  return !filter.before || entry.at < *filter.before;
}

}  // namespace hourwheel
