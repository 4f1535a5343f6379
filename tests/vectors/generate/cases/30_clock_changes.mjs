// The same questions to every kind of change: C-18 in zones of one hour, two, three and a half,
// at two o'clock, at midnight and just before it. The instants of the changes are from the tables
// of the time zone database, and checked against Intl.
import { civilText, instantText, kDay, kHour, kMinute, kSecond, parseInstant, zoneOf } from "../zone.mjs";

const kGaps = [
  ["Europe/Berlin", "2027-03-28T01:00:00Z"],
  ["America/New_York", "2027-03-14T07:00:00Z"],
  ["Europe/Dublin", "2027-03-28T01:00:00Z"],         // "negative" summer time in the database
  ["Australia/Lord_Howe", "2027-10-02T15:30:00Z"],   // half an hour
  ["Africa/Cairo", "2024-04-25T22:00:00Z"],          // at midnight
  ["America/Santiago", "2024-09-08T04:00:00Z"],      // at midnight
  ["Asia/Beirut", "2024-03-30T22:00:00Z"],           // at midnight
  ["America/Sao_Paulo", "2018-11-04T03:00:00Z"],     // at midnight, its last
  ["America/Havana", "2024-03-10T05:00:00Z"],        // at midnight
  ["Atlantic/Azores", "2027-03-28T01:00:00Z"],       // at midnight
  ["Africa/Casablanca", "2024-04-14T02:00:00Z"],     // the end of Ramadan
  ["America/Nuuk", "2024-03-31T01:00:00Z"],          // 23:00 becomes the next day's 00:00
  ["America/St_Johns", "2027-03-14T05:30:00Z"],      // an offset of half hours
  ["Pacific/Chatham", "2027-09-25T14:00:00Z"],       // an offset of quarter hours, at 02:45
  ["Antarctica/Troll", "2024-03-31T01:00:00Z"],      // two hours
  ["Antarctica/Casey", "2009-10-17T18:00:00Z"],      // three hours: not yet a missing day
];
const kOverlaps = [
  ["Europe/Berlin", "2027-10-31T01:00:00Z"],
  ["America/New_York", "2027-11-07T06:00:00Z"],
  ["Europe/Dublin", "2027-10-31T01:00:00Z"],
  ["Australia/Lord_Howe", "2027-04-03T15:00:00Z"],
  ["Africa/Cairo", "2024-10-31T21:00:00Z"],          // midnight becomes 23:00 of the day before
  ["America/Santiago", "2024-04-07T03:00:00Z"],
  ["Asia/Beirut", "2024-10-26T21:00:00Z"],
  ["America/Sao_Paulo", "2018-02-18T02:00:00Z"],
  ["America/Havana", "2024-11-03T05:00:00Z"],        // 01:00 becomes 00:00
  ["Africa/Casablanca", "2024-03-10T02:00:00Z"],     // the start of Ramadan
  ["America/St_Johns", "2027-11-07T04:30:00Z"],
  ["Pacific/Chatham", "2027-04-03T14:00:00Z"],
  ["Antarctica/Troll", "2024-10-27T01:00:00Z"],
];

function changeAt(name, instant) {
  const zone = zoneOf(name);
  const at = parseInstant(instant);
  const change = zone.changesNear(at).find((c) => c.at === at);
  if (!change) throw new Error(`${name} has no change at ${instant}`);
  return { zone, at, low: at + Math.min(change.before, change.after),
           high: at + Math.max(change.before, change.after), isGap: change.after > change.before };
}

const timeOf = (civil) => ({ m: new Date(civil).getUTCMinutes(), h: new Date(civil).getUTCHours() });
const distinct = (numbers) => [...new Set(numbers)].sort((a, b) => a - b).join(",");

function gapCases([name, instant]) {
  const { at, low, high, isGap } = changeAt(name, instant);
  if (!isGap) throw new Error(`${name} ${instant} is no gap`);
  const middle = low + Math.floor((high - low) / 2 / kMinute) * kMinute;
  const [first, mid, end] = [low, middle, high].map(timeOf);
  const from = instantText(at - kDay);
  const what = (text) => `gap ${name} ${civilText(low).slice(0, 10)}: ${text}`;
  const fixed = `${mid.m} ${mid.h} * * *`;
  const make = (text, cron, more = {}) =>
    ({ name: what(text), schedule: { cron, timezone: name, ...more }, from, count: 3 });
  const lists = `${distinct([first.m, mid.m, end.m])} ${distinct([first.h, mid.h, end.h])} * * *`;
  return [
    make("a fixed time in its middle is due after it", fixed),
    make("a fixed time in its middle is left out on request", fixed, { dst_gap: "skip" }),
    make("a fixed time at its first second is due after it", `${first.m} ${first.h} * * *`),
    make("a fixed time right after it is itself", `${end.m} ${end.h} * * *`),
    { ...make("several in it, and those that land on a real due, are one", lists), count: 8 },
    { ...make("of several in it only the real due is left", lists, { dst_gap: "skip" }), count: 8 },
    make("seconds count too", `15 ${mid.m} ${mid.h} * * *`),
    { ...make("a step has no due in it", `*/10 ${distinct([first.h, mid.h])} * * *`), count: 14 },
    { ...make("every half hour goes on after it", "*/30 * * * *"),
      from: instantText(at - kHour), count: 6 },
    make("the hour field alone makes an expression follow elapsed time", `${mid.m} * * * *`),
    make("every day at nine stays at nine", "0 9 * * *"),
  ];
}

function overlapCases([name, instant]) {
  const { at, low, high, isGap } = changeAt(name, instant);
  if (isGap) throw new Error(`${name} ${instant} is no overlap`);
  const middle = low + Math.floor((high - low) / 2 / kMinute) * kMinute;
  const [first, mid, end] = [low, middle, high].map(timeOf);
  const what = (text) => `overlap ${name} ${civilText(low).slice(0, 10)}: ${text}`;
  const fixed = `${mid.m} ${mid.h} * * *`;
  const make = (text, cron, more = {}) =>
    ({ name: what(text), schedule: { cron, timezone: name, ...more },
       from: instantText(at - kDay), count: 4 });
  return [
    make("a fixed time in it is due in the first pass", fixed),
    make("a fixed time in it is due in the second pass on request", fixed, { dst_overlap: "second" }),
    make("a fixed time in it is due in both passes on request", fixed, { dst_overlap: "both" }),
    { ...make("asked in the second pass, the first is over", fixed), from: instantText(at), count: 2 },
    { ...make("asked a second later, the first is still over", fixed),
      from: instantText(at + kSecond), count: 2 },
    { ...make("asked a second before the clocks go back, the second is still to come", fixed,
              { dst_overlap: "second" }), from: instantText(at - kSecond), count: 2 },
    { ...make("asked between the passes, the second is still to come", fixed,
              { dst_overlap: "both" }), from: instantText(at), count: 2 },
    make("its first moment is in it", `${first.m} ${first.h} * * *`, { dst_overlap: "both" }),
    make("the moment at which it ends is not in it", `${end.m} ${end.h} * * *`,
         { dst_overlap: "both" }),
    make("a list in it runs through the first pass", `${distinct([first.m, mid.m])} ` +
         `${distinct([first.h, mid.h])} * * *`),
    { ...make("every ten minutes runs through both passes", "*/10 * * * *"),
      from: instantText(at - (high - low) - 10 * kMinute), count: Math.min(16, 4 + 2 * (high - low) / (10 * kMinute)) },
    { ...make("a range of hours runs in both passes", 
            `${mid.m} ${mid.h}-${(mid.h + 1) % 24} * * *`), count: 6 },
    make("every day at nine stays at nine", "0 9 * * *"),
  ];
}

export default [...kGaps.flatMap(gapCases), ...kOverlaps.flatMap(overlapCases)];
