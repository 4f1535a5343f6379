#include "tests/sim/memory_check.h"

#include <algorithm>
#include <iterator>

#include "tests/sim/status_check.h"

namespace hourwheel {
namespace {

constexpr Duration kAfterFailedRead = seconds(5);

bool is_in(const std::vector<TaskNumber>& sorted, TaskNumber number) {
  return std::binary_search(sorted.begin(), sorted.end(), number);
}

// Sorted: all whose way leads into memory.
std::vector<TaskNumber> on_their_way(const ShardContents& all, const SimStore& store) {
  std::vector<TaskNumber> numbers = store.fetching();
  numbers.insert(numbers.end(), all.stirred.begin(), all.stirred.end());
  numbers.insert(numbers.end(), all.unkept.begin(), all.unkept.end());
  for (const auto& held : all.tasks) numbers.push_back(held.number);
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

// The entry for it is still to come out of a range that is read, now or when its reason is gone.
bool will_be_read(const ShardContents& all, IndexPlace place, Instant wake) {
  const bool read = std::any_of(all.reading.begin(), all.reading.end(), [&](const auto& range) {
    const IndexPlace after{range.after_slice, range.after_task};
    return range.from <= wake && wake < range.to && place > after;
  });
  return read || std::any_of(all.parked.begin(), all.parked.end(), [&](const auto& range) {
           return range.from <= place && wake <= range.last;
         });
}

}  // namespace

void MemoryCheck::turned(Shard& shard, const SimStore& store, Instant now, bool leaves_more) {
  check_bounds(shard.queues());
  if (++turns_ < kTurnsBetween || leaves_more) return;
  const ShardContents all = shard.contents();
  if (!all.heard_all) return;
  turns_ = 0;
  ++looks_;
  check_cells(all);
  check_lines(all, shard.queues());
  check_open(all);
  if (store.idle()) check_statuses(ledger_, shown_statuses(shard.metrics()), "there show", trace_);
  const auto failed = store.read_failed();
  if (failed && now < *failed + kAfterFailedRead) return;
  if (!all.looks_at_due) return;
  expected_.clear();
  in_wheel_.clear();
  check_waiting(all, store);
  check_list(shard, all, now);
}

void MemoryCheck::check_bounds(const ShardQueues& queues) {
  const struct {
    const char* what;
    size_t size;
    size_t most;
  } bounds[] = {
      {"tasks in memory", queues.tasks, limits_.tasks},
      // What could not be read lies down again.
      {"dormant tasks", queues.dormant, size_t{limits_.dormant} + limits_.arming_fetches},
      {"commands", queues.commands, limits_.commands_waiting},
      {"queries", queues.queries, limits_.queries},
      // Those that commands wait for need no room, nor those whose turn has come.
      {"fetches", queues.fetches,
       size_t{limits_.arming_fetches} + limits_.commands_waiting + kMaxRunsInFlight},
      // With entries of tasks that were given up.
      {"tasks that want a definition", queues.wanting, 2 * size_t{limits_.tasks}},
      {"tasks in line", queues.in_line, limits_.tasks + gone_in_line_},
      {"runs in flight", queues.flights, kMaxRunsInFlight},
      {"places taken", queues.places, kMaxRunsInFlight},
      {"claims", queues.claims, queues.flights},
      // Of commands, of the open batch, and of the one with the store, which were commands.
      {"keys", queues.keys,
       queues.commands + queues.changes + limits_.commands_waiting + limits_.batch_changes},
  };
  for (const auto& bound : bounds) {
    if (bound.size > bound.most) {
      trace_.fail("S6 %zu %s, where %zu are the most", bound.size, bound.what, bound.most);
    }
  }
  const bool no_room = queues.tasks + limits_.scan_reserve() >= limits_.tasks;
  if (no_room || queues.dormant >= limits_.dormant || queues.armed_bytes >= limits_.armed_bytes ||
      queues.run_payload_bytes >= limits_.run_payload_bytes ||
      queues.changes >= limits_.batch_changes || queues.callbacks >= limits_.batch_callbacks) {
    ++full_;
  }
}

// OR1
void MemoryCheck::check_open(const ShardContents& all) {
  for (const auto& held : all.tasks) {
    const Ledger::Task* task = held.has_open ? ledger_.task(held.number) : nullptr;
    if (task == nullptr || !task->has_spec || may_be_open(task->state, all.latest)) continue;
    trace_.fail("OR1 a run of task %llu is open, and no list of open runs finds it",
                shown(held.number));
  }
}

// M1, M3, RP3
void MemoryCheck::check_lines(const ShardContents& all, const ShardQueues& queues) {
  size_t called = 0;
  size_t definitions = 0;
  size_t payloads = 0;
  size_t in_lines = 0;
  size_t largest = 0;  // in a line: it may have gone beyond the bound
  for (const auto& held : all.tasks) {
    if (held.called) ++called;
    definitions += held.definition;
    payloads += held.payloads;
    if (held.in_line) {
      in_lines += held.definition;
      largest = std::max(largest, held.definition);
    }
    if (held.lost) trace_.fail("M3 task %llu was called and is forgotten", shown(held.number));
  }
  if (queues.places != queues.flights + called) {
    trace_.fail("M3 %zu places are taken, by %zu runs in flight and %zu called tasks",
                queues.places, queues.flights, called);
  }
  if (definitions != queues.armed_bytes) {
    trace_.fail("M3 %zu bytes of definitions, and %zu counted", definitions, queues.armed_bytes);
  }
  if (payloads != queues.run_payload_bytes) {
    trace_.fail("RP3 %zu bytes of runs' own payloads, and %zu counted", payloads,
                queues.run_payload_bytes);
  }
  const size_t most = limits_.armed_bytes / 8 * 6;
  if (all.looks_at_due && in_lines - largest > most) {
    trace_.fail("M1 lines keep %zu bytes of definitions, where %zu are the most", in_lines, most);
  }
}

// N6, CW
void MemoryCheck::check_cells(const ShardContents& all) {
  for (const auto& held : all.tasks) {
    if (held.stuck) trace_.fail("CW a command waits at task %llu for nothing", shown(held.number));
  }
  std::vector<TaskNumber> numbers;
  for (const auto& dormant : all.dormant) numbers.push_back(dormant.number);
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  if (numbers.size() != all.cells) {
    trace_.fail("N6 %zu dormant tasks have an entry, %zu have a cell", numbers.size(), all.cells);
  }
  const auto waiting = static_cast<size_t>(std::count_if(
      all.tasks.begin(), all.tasks.end(), [](const auto& held) { return held.in_wheel; }));
  if (all.wheel_live != all.cells + waiting) {
    trace_.fail("N6 %zu live entries, for %zu dormant tasks and %zu others", all.wheel_live,
                all.cells, waiting);
  }
}

// N7, and the two lists of WL.
void MemoryCheck::check_waiting(const ShardContents& all, const SimStore& store) {
  const auto coming = on_their_way(all, store);
  auto dormant = all.dormant;
  auto by_number = [](const auto& a, const auto& b) { return a.number < b.number; };
  std::sort(dormant.begin(), dormant.end(), by_number);
  for (const auto& held : all.tasks) expect_held(held, all);
  for (const IndexPlace& place : ledger_.due()) {
    const Ledger::Task& task = *ledger_.task(place.number);
    const Instant wake = *task.state.wake();
    if (!task.has_spec || wake >= all.horizon || is_in(coming, task.number)) continue;
    auto entry = std::lower_bound(dormant.begin(), dormant.end(),
                                  ShardContents::Dormant{task.number, {}}, by_number);
    const bool lies = entry != dormant.end() && entry->number == task.number;
    const bool read = will_be_read(all, place, wake);
    // One that is parked may have an entry left over from before.
    if (lies && (!read || entry->comes_out == wake - kArmingLead)) {
      expect_dormant(task, entry->comes_out);
      continue;
    }
    if (read) continue;
    // One that is being asked about is known by its key only.
    const bool asked = std::any_of(all.tasks.begin(), all.tasks.end(),
                                   [&](const auto& held) { return held.key == task.key; });
    if (asked) continue;
    trace_.fail("N7 task %llu wakes at %lld, below the horizon, and nobody looks at it",
                shown(task.number), static_cast<long long>(wake.ms));
  }
}

void MemoryCheck::expect_dormant(const Ledger::Task& task, Instant comes_out) {
  const Instant latest = *task.state.wake() - kArmingLead;
  if (comes_out > latest) {
    trace_.fail("N7 the entry of task %llu comes out at %lld, too late for its wake at %lld",
                shown(task.number), static_cast<long long>(comes_out.ms),
                static_cast<long long>(task.state.wake()->ms));
  }
  expected_.push_back({latest, task.number});
  in_wheel_.push_back({comes_out, task.number});
}

// Without a definition it comes out early; under a pause of everything, when it is due.
void MemoryCheck::expect_held(const ShardContents::Held& held, const ShardContents& all) {
  if (!held.at_rest) return;
  const Ledger::Task* task = ledger_.task(held.number);
  const auto wake = task != nullptr && task->has_spec ? task->state.wake() : std::nullopt;
  if (!wake || *wake >= all.horizon) return;
  const bool early = !held.armed && held.in_wheel != wake;
  expected_.push_back({early ? *wake - kArmingLead : *wake, held.number});
  if (held.in_wheel) in_wheel_.push_back({*held.in_wheel, held.number});
}

// WL
void MemoryCheck::check_list(const Shard& shard, const ShardContents& all, Instant now) {
  std::sort(expected_.begin(), expected_.end());
  std::sort(in_wheel_.begin(), in_wheel_.end());
  std::vector<Coming> differ;
  std::set_symmetric_difference(expected_.begin(), expected_.end(), in_wheel_.begin(),
                                in_wheel_.end(), std::back_inserter(differ));
  if (!differ.empty()) {
    const Coming& first = differ.front();
    const bool missing = std::binary_search(expected_.begin(), expected_.end(), first);
    trace_.fail("WL task %llu is to come out at %lld, by the %s only", shown(first.task),
                static_cast<long long>(first.at.ms), missing ? "list" : "wheel");
  }
  std::optional<Instant> first;
  auto consider = [&first](Instant t) { first = first ? std::min(*first, t) : t; };
  for (const auto& held : all.tasks) {
    if (held.in_wheel) consider(*held.in_wheel);
  }
  for (const auto& dormant : all.dormant) consider(dormant.comes_out);
  if (!first) return;
  if (*first <= now) {
    trace_.fail("WL an entry of %lld is in the wheel after its time",
                static_cast<long long>(first->ms));
  }
  const auto wakes = shard.next_wake();
  if (!wakes || *wakes > *first) {
    trace_.fail("WL the shard sleeps until %lld, an entry comes out at %lld",
                static_cast<long long>(wakes ? wakes->ms : -1), static_cast<long long>(first->ms));
  }
}

}  // namespace hourwheel
