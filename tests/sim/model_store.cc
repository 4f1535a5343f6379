#include "tests/sim/model_store.h"

#include <algorithm>

namespace hourwheel {
namespace {

StoredTask stored(const Ledger::Task& task) {
  return {task.number, task.key, task.spec, task.state};
}

tl::unexpected<Error> not_found() {
  return failure(ErrorCode::kNotFound, "", "no such thing is stored");
}

}  // namespace

Status ModelStore::commit(const Batch&) {
  if (full_) return failure(ErrorCode::kStorageLow, "", "the disk is full");
  return {};
}

Result<StoredTask> ModelStore::fetch_one(const FetchOne& one) const {
  const Ledger::Task* task = one.number ? ledger_.task(one.number) : ledger_.live(one.key);
  if (task == nullptr || !task->has_spec) return not_found();
  StoredTask found = stored(*task);
  auto letter = one.dead ? ledger_.letters().find(*one.dead) : ledger_.letters().end();
  if (letter != ledger_.letters().end()) found.dead = letter->second;
  if (one.version && !one.dead) found.state = {};  // the definition only
  return found;
}

Fetched ModelStore::fetch(std::vector<FetchOne> asked) {
  Fetched fetched;
  for (const FetchOne& one : asked) {
    fetched.found.push_back(fetch_one(one));
    if (one.recall) fetched.recalled.push_back(ledger_.recall(*one.recall));
  }
  fetched.asked = std::move(asked);
  return fetched;
}

// The due index is ordered by slice and number, as the real one is.
Result<Scanned> ModelStore::scan(const ScanRequest& range) {
  Scanned page;
  page.asked = range;
  // Short pages, so that a range takes several and the world changes between them.
  const size_t limit = std::min<size_t>(range.limit, 3);
  const IndexPlace after{range.after_slice, range.after_task};
  auto place = range.after_task ? ledger_.due().upper_bound(after)
                                : ledger_.due().lower_bound({range.from.ms >> kSliceBits, {}});
  for (; place != ledger_.due().end() && place->slice <= range.to.ms >> kSliceBits; ++place) {
    const Ledger::Task& task = *ledger_.task(place->number);
    const Instant wake = *task.state.wake();
    if (wake < range.from || wake >= range.to) continue;
    if (page.tasks.size() == limit) {
      const ThinTask& last = page.tasks.back();
      page.next = range;
      page.next->after_slice = last.state.wake()->ms >> kSliceBits;
      page.next->after_task = last.number;
      return page;
    }
    page.tasks.push_back({task.number, task.key, task.state});
  }
  return page;
}

Result<QueryAnswer> ModelStore::query(const Query& query) {
  if (const auto* get = std::get_if<GetTask>(&query)) {
    const Ledger::Task* task = ledger_.live(get->key);
    if (task == nullptr) return not_found();
    return stored(*task);
  }
  if (const auto* list = std::get_if<ListTasks>(&query)) {
    TaskPage page;
    for (const auto& [number, task] : ledger_.tasks()) {
      if (!task.has_spec || number <= list->after) continue;
      if (page.tasks.size() == list->limit) {
        page.next = page.tasks.back().number;
        break;
      }
      page.tasks.push_back(stored(task));
    }
    return page;
  }
  if (const auto* list = std::get_if<ListRuns>(&query)) {
    const Ledger::Task* task = ledger_.live(list->key);
    if (task == nullptr) return not_found();
    RunPage page;
    page.task = list->key;
    for (auto run = task->runs.rbegin(); run != task->runs.rend(); ++run) {
      if (list->before != 0 && run->first >= list->before) continue;
      if (page.records.size() == list->limit) {
        page.next = page.positions.back();
        break;
      }
      page.records.push_back(run->second);
      page.positions.push_back(run->first);
    }
    return page;
  }
  return failure(ErrorCode::kNotFound, "", "the workload does not ask this");
}

}  // namespace hourwheel
