// Due times counted by equal steps of time, and which steps hold far more than the others.
import type { Gathered } from "./timeline_gather.ts";

export interface Bin {
  from: number;
  to: number;
  begin: number; // what of it was looked at: the first and the last are cut
  end: number;
  count: number;
  estimated: boolean; // in part
  tasks: Map<string, number>; // how often each is due
  seconds: Map<number, number>; // how much is due in each
  pile: boolean;
}

const kPileAtLeast = 5;
const kPileTimes = 3; // the mean

// `offsetMs` of the zone from UTC: steps begin where its clocks show a whole one.
export function binsOf(gathered: Gathered, stepMs: number, offsetMs: number): Bin[] {
  const start = Math.floor((gathered.at + offsetMs) / stepMs) * stepMs - offsetMs;
  const bins: Bin[] = [];
  for (let from = start; from < gathered.end; from += stepMs) {
    const to = from + stepMs;
    const begin = Math.max(from, gathered.at);
    const end = Math.min(to, gathered.end);
    bins.push({ from, to, begin, end, count: 0, estimated: false, tasks: new Map(), seconds: new Map(), pile: false });
  }
  for (const { id, times, rest } of gathered.dues) {
    for (const time of times) {
      const bin = bins[Math.floor((time - start) / stepMs)];
      if (!bin) continue;
      add(bin, id, 1);
      const second = Math.floor(time / 1_000) * 1_000;
      bin.seconds.set(second, (bin.seconds.get(second) ?? 0) + 1);
    }
    if (rest) addRest(bins, id, rest);
  }
  markPiles(bins);
  return bins;
}

function add(bin: Bin, id: string, count: number): void {
  bin.count += count;
  bin.tasks.set(id, (bin.tasks.get(id) ?? 0) + count);
}

function addRest(bins: Bin[], id: string, rest: { from: number; everyMs: number }): void {
  for (const bin of bins) {
    const span = bin.end - Math.max(bin.from, rest.from);
    const count = span > 0 ? Math.round(span / rest.everyMs) : 0;
    if (count === 0) continue;
    add(bin, id, count);
    bin.estimated = true;
  }
}

// By all of a step, and by its busiest second: under a steady pace a pile-up hardly lifts the sum.
function markPiles(bins: Bin[]): void {
  const seconds = bins.map((bin) => busiestSecond(bin)?.count ?? 0);
  const counts = bins.map((bin) => bin.count);
  bins.forEach((bin, i) => (bin.pile = standsOut(counts, i) || standsOut(seconds, i)));
}

function standsOut(counts: number[], i: number): boolean {
  const sum = counts.reduce((before, count) => before + count, 0);
  return (counts[i] ?? 0) >= Math.max(kPileAtLeast, (kPileTimes * sum) / counts.length);
}

export function busiestSecond(bin: Bin): { at: number; count: number } | undefined {
  let found: { at: number; count: number } | undefined;
  for (const [at, count] of bin.seconds) {
    if (!found || count > found.count) found = { at, count };
  }
  return found;
}
