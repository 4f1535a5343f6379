// Makes one vector out of a case: what is written in cases/, without expected values unless they
// were reasoned out by hand.
import { compareWithCroner } from "./beside_croner.mjs";
import { Cron } from "./cron.mjs";
import { kOurRules, walkCron } from "./walker.mjs";
import { civilText, instantText, kDay, kHour, kMinute, kSecond, offsetText, parseCivil, parseInstant,
         zoneOf } from "./zone.mjs";

const kYear = 366 * kDay;
const kLastInstant = Date.UTC(9999, 11, 31, 23, 59, 59);

export function durationOf(text) {
  const parts = /^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/.exec(text);
  if (parts) {
    const [w, d, h, m, s] = parts.slice(1).map((n) => Number(n ?? 0));
    return Math.round((7 * w + d) * kDay + h * kHour + m * kMinute + s * kSecond);
  }
  const units = { ms: 1, s: kSecond, m: kMinute, h: kHour, d: kDay };
  return [...text.matchAll(/(\d+)(ms|s|m|h|d)/g)].reduce((sum, [, n, u]) => sum + n * units[u], 0);
}

// What the zone's clocks make of a due instant: the local time, and which pass of an overlap it is.
export function described(zone, { at, note }) {
  const civil = zone.civilAt(at);
  const passes = zone.instantsOf(civil - (civil % kSecond)).map((t) => t + (civil % kSecond));
  const pass = passes.length < 2 ? undefined : at === passes[0] ? "overlap_first" : "overlap_second";
  const shown = { at: instantText(at), local: civilText(civil), offset: offsetText(civil - at) };
  return note ?? pass ? { ...shown, note: note ?? pass } : shown;
}

// A date excludes what is due while the clocks show it; a range is [from, to) of instants.
function isExcluded(at, entry, zone) {
  if (typeof entry === "string") return civilText(zone.civilAt(at)).startsWith(`${entry}T`);
  return at >= parseInstant(entry.from) && at < parseInstant(entry.to);
}

function markExcluded(dues, schedule, zone) {
  return dues.map((due) =>
    (schedule.exclude ?? []).some((entry) => isExcluded(due.at, entry, zone))
      ? { ...due, note: "excluded" } : due);
}

function zoneNamed(schedule) {
  const prefix = /^(?:CRON_)?TZ=(\S+)/.exec(schedule.cron ?? "");
  return zoneOf(prefix ? prefix[1] : schedule.timezone ?? "UTC");
}

function spanOf(schedule, from, count, years) {
  const start = schedule.start_at ? parseInstant(schedule.start_at) : from;
  const end = schedule.end_at ? parseInstant(schedule.end_at) : Infinity;
  const horizon = Math.min(from + years * kYear, kLastInstant);
  return { from: Math.max(from, start), end: Math.min(end, horizon), count,
           isWhole: end <= horizon };
}

function cronVector({ schedule, from, count = 4, years = 12 }) {
  const zone = zoneNamed(schedule);
  const rules = { ...kOurRules, gap: schedule.dst_gap ?? kOurRules.gap,
                  overlap: schedule.dst_overlap ?? kOurRules.overlap };
  const cron = new Cron(schedule.cron.replace(/^(CRON_)?TZ=\S+\s+/, ""), schedule.dom_dow);
  const start = parseInstant(from);
  const last = cron.lastYear;
  const span = spanOf(schedule, start, count, last ? last + 2 - new Date(start).getUTCFullYear() : years);
  const { dues, complete } = walkCron(cron, zone, rules, span);
  const { basis, differs } = compareWithCroner(schedule, zone, rules, span, dues);
  const isOver = complete && (span.isWhole || last !== undefined);
  if (dues.length === 0 && !isOver) throw new Error("nothing is due within the horizon");
  const expect = markExcluded(dues, schedule, zone).map((due) => described(zone, due));
  return { expect, ...(isOver ? { end: true } : {}), basis, ...(differs ? { differs } : {}) };
}

// By counting up from the anchor, never by dividing.
function everyVector({ schedule, from, now = from, count = 4 }) {
  const zone = zoneOf("UTC");
  const text = schedule.every ?? /^@every\s+(\S+)$/.exec(schedule.cron)[1];
  const every = durationOf(text);
  const span = spanOf(schedule, parseInstant(from), count, 1000);
  const dues = [];
  let due = parseInstant(schedule.anchor ?? now);
  for (; due < span.end && dues.length < count; due += every) {
    if (due >= span.from) dues.push({ at: due });
  }
  const expect = markExcluded(dues, schedule, zone).map((d) => described(zone, d));
  return { expect, ...(due >= span.end && span.isWhole ? { end: true } : {}), basis: "calendar" };
}

// `expect` by hand: local times of the schedule's zone, "…Z" instants, or {at or local, note, pass}.
function byHand({ schedule, expect, end, basis = "reasoned" }) {
  const zone = zoneNamed(schedule);
  const dues = expect.map((entry) => {
    const { at, local, note, pass = 0 } =
      typeof entry === "object" ? entry : entry.endsWith("Z") ? { at: entry } : { local: entry };
    if (at) return { at: parseInstant(at), note };
    const instants = zone.instantsOf(parseCivil(local));
    if (instants.length === 0) throw new Error(`${local} does not exist in ${zone.name}`);
    return { at: instants[pass], note };
  });
  return { expect: dues.map((due) => described(zone, due)), ...(end ? { end: true } : {}), basis };
}

function outcomeOf(test) {
  if (test.error) return { error: test.error, basis: test.basis ?? "reasoned" };
  if (test.expect) {
    const reasoned = byHand(test);
    if (!test.checkedBy) return reasoned;
    const walked = { cron: cronVector, every: everyVector }[test.checkedBy](
      { count: reasoned.expect.length, ...test });
    if (JSON.stringify(walked.expect) !== JSON.stringify(reasoned.expect)) {
      throw new Error(`the walker says ${JSON.stringify(walked.expect)}`);
    }
    const { end, differs } = walked;
    return { ...reasoned, ...(end ? { end } : {}), ...(differs ? { differs } : {}) };
  }
  const isEvery = test.schedule.every || test.schedule.cron?.startsWith("@every");
  return isEvery ? everyVector(test) : cronVector(test);
}

export function vectorOf(test) {
  try {
    const { name, schedule, task_id, now, from } = test;
    return { name, schedule, ...(task_id ? { task_id } : {}), ...(now ? { now } : {}), from,
             ...outcomeOf(test) };
  } catch (error) {
    throw new Error(`${test.name}: ${error.message}`);
  }
}
