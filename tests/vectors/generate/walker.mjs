// The due instants of a cron expression in a zone, by C-18 of the contract: walks civil days, asks
// every second of each, and looks up when the clocks show it.
import { kDay, kHour } from "./zone.mjs";

// What C-18 leaves to a schedule, and what another implementation may do otherwise (see
// beside_croner.mjs).
export const kOurRules = {
  listsFollowElapsedTime: false,  // "0,30 2 * * *" is two fixed times
  gap: "fire_after",              // or skip
  overlap: "first",               // or second, both
  gapMayEndNextDay: true,         // 23:30 in a gap that ends at midnight is due at midnight
  longestGap: 3 * kHour,          // beyond it is a missing day
};

function duesOfTime(civil, zone, isInterval, rules) {
  const instants = zone.instantsOf(civil);
  if (instants.length === 1) return [{ at: instants[0] }];
  if (instants.length > 1) {
    const passes = instants.map((at) => ({ at }));
    if (isInterval || rules.overlap === "both") return passes;
    return [rules.overlap === "second" ? passes.at(-1) : passes[0]];
  }
  const gap = zone.gapAround(civil);
  if (isInterval || rules.gap === "skip" || gap.to - gap.from > rules.longestGap) return [];
  const sameDay = Math.floor(civil / kDay) === Math.floor(gap.to / kDay);
  return sameDay || rules.gapMayEndNextDay ? [{ at: gap.at, note: "gap" }] : [];
}

// Every due instant once, in order; one that is due by its own civil time is no gap's.
function inOrder(dues) {
  const byInstant = new Map();
  for (const due of dues) {
    if (!byInstant.has(due.at) || !due.note) byInstant.set(due.at, due);
  }
  return [...byInstant.values()].sort((a, b) => a.at - b.at);
}

// Up to `count` due instants in [from, end), and whether there are no more before `end`.
export function walkCron(cron, zone, rules, { from, end, count }) {
  const isInterval = cron.isInterval || (rules.listsFollowElapsedTime && cron.hasList);
  let dues = [];
  // A due of a day may lie a gap later than the day's end and before the next day's first.
  const firstDay = Math.floor(zone.civilAt(from) / kDay) * kDay - 2 * kDay;
  const lastDay = Math.floor(zone.civilAt(end) / kDay) * kDay + 2 * kDay;
  for (let day = firstDay; day <= lastDay; day += kDay) {
    if (cron.matchesDay(day)) {
      dues.push(...cron.times.flatMap((time) => duesOfTime(day + time, zone, isInterval, rules)));
      dues = inOrder(dues.filter(({ at }) => at >= from && at < end));
    }
    // Two days on, no later day can put another due before these.
    if (dues.length > count && dues[count].at < day - 2 * kDay) break;
  }
  return { dues: dues.slice(0, count), complete: dues.length <= count };
}
