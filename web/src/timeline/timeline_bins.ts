// Due times counted by equal steps of time, and which steps hold far more than the others.
import type { Gathered } from "./timeline_gather.ts";

export interface Bin {
  from: number;
  to: number;
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
    bins.push({ from, to, count: 0, estimated: false, tasks: new Map(), seconds: new Map(), pile: false });
  }
  for (const { id, times, rest } of gathered.dues) {
    for (const time of times) {
      const bin = bins[Math.floor((time - start) / stepMs)];
      if (!bin) continue;
      add(bin, id, 1);
      const second = Math.floor(time / 1_000) * 1_000;
      bin.seconds.set(second, (bin.seconds.get(second) ?? 0) + 1);
    }
    if (rest) addRest(bins, id, rest, gathered.end);
  }
  markPiles(bins);
  return bins;
}

function add(bin: Bin, id: string, count: number): void {
  bin.count += count;
  bin.tasks.set(id, (bin.tasks.get(id) ?? 0) + count);
}

function addRest(bins: Bin[], id: string, rest: { from: number; everyMs: number }, end: number): void {
  for (const bin of bins) {
    const span = Math.min(bin.to, end) - Math.max(bin.from, rest.from);
    const count = span > 0 ? Math.round(span / rest.everyMs) : 0;
    if (count === 0) continue;
    add(bin, id, count);
    bin.estimated = true;
  }
}

function markPiles(bins: Bin[]): void {
  const sum = bins.reduce((before, bin) => before + bin.count, 0);
  const bound = Math.max(kPileAtLeast, (kPileTimes * sum) / Math.max(1, bins.length));
  for (const bin of bins) bin.pile = bin.count >= bound;
}

export function busiestSecond(bin: Bin): { at: number; count: number } | undefined {
  let found: { at: number; count: number } | undefined;
  for (const [at, count] of bin.seconds) {
    if (!found || count > found.count) found = { at, count };
  }
  return found;
}
