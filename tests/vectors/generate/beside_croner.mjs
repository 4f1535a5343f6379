// Runs croner on a cron schedule and says where it differs from C-18 and why. An explanation is
// proved, not claimed: with that rule turned round, our own walker must give croner's instants.
import { Cron as Croner } from "croner";

import { Cron } from "./cron.mjs";
import { walkCron } from "./walker.mjs";
import { instantText, kSecond } from "./zone.mjs";

// croner's documented rules in our words.
const kItsRules = {
  listsFollowElapsedTime: [true, "a list in the time of day follows elapsed time there; by C-18 " +
    "only *, ranges and steps do"],
  gap: ["fire_after", "it has no dst_gap: skip"],
  overlap: ["first", "it has no dst_overlap"],
  gapMayEndNextDay: [false, "it drops a due whose gap ends on the next day; by C-18 that is due " +
    "at the first instant after the gap"],
  longestGap: [Infinity, "it has no longest gap; by C-18 more than 3 h is a missing day"],
};

// The same days in the words croner knows: no wrapped ranges, no 5/15, #L for a last weekday.
// undefined: it has no words for them.
export function inItsWords(fields) {
  if (fields.some((field) => /H/.test(field)) || /L-/.test(fields[3])) return undefined;
  const maxima = [59, 59, 23, 31, 12, 6, 2199];
  const names = [{}, {}, {}, {}, {}, { fri: 5, sat: 6, sun: 0, mon: 1, tue: 2, wed: 3, thu: 4 }, {}];
  const number = (text, i) => Number(names[i][text.toLowerCase()] ?? text);
  const months = "jan feb mar apr may jun jul aug sep oct nov dec".split(" ");
  months.forEach((name, i) => { names[4][name] = i + 1; });
  const rewrite = (entry, i) => {
    const last = /^(\w+)L$/.exec(entry);
    if (i === 5 && last) return `${number(last[1], i)}#L`;
    const stepped = /^(\d+)\/(\d+)$/.exec(entry);
    if (stepped) return `${stepped[1]}-${maxima[i]}/${stepped[2]}`;
    const range = /^(\w+)-(\w+)(\/\d+)?$/.exec(entry);
    if (!range || number(range[1], i) <= number(range[2], i)) return entry;
    const first = number(range[1], i);
    const low = [3, 4].includes(i) ? 1 : 0;
    if (range[3]) {
      const values = [];
      const size = maxima[i] - low + 1;
      for (let v = first; v <= number(range[2], i) + size; v += Number(range[3].slice(1))) {
        values.push(low + ((v - low) % size));
      }
      return values.join(",");
    }
    return `${first}-${maxima[i]},${low}-${number(range[2], i)}`;
  };
  return fields.map((field, i) => field.split(",").map((e) => rewrite(e, i)).join(",")).join(" ");
}

function itsInstants(words, schedule, zone, { from, end, count }) {
  const options = { paused: true, timezone: zone.name, mode: "7-part",
                    domAndDow: schedule.dom_dow === "and" };
  const its = new Croner(words, options).nextRuns(count + 1, new Date(from - kSecond));
  return its.map((date) => date.getTime()).filter((t) => t >= from && t < end).slice(0, count);
}

const equal = (a, b) => a.length === b.length && a.every((t, i) => t === b[i]);

// The fewest rules of croner that lead our walker to its instants.
function explain(cron, zone, ours, its, span) {
  const names = Object.keys(kItsRules).filter((name) => kItsRules[name][0] !== ours[name]);
  const sets = Array.from({ length: 2 ** names.length }, (_, bits) =>
    names.filter((_, i) => bits & (1 << i))).sort((a, b) => a.length - b.length);
  for (const set of sets) {
    const rules = { ...ours };
    for (const name of set) rules[name] = kItsRules[name][0];
    const dues = walkCron(cron, zone, rules, span).dues.map(({ at }) => at);
    if (equal(dues, its)) return set.map((name) => kItsRules[name][1]).join("; ");
  }
  return undefined;
}

// {basis, differs?} of a schedule whose due instants in span are `ours`.
export function compareWithCroner(schedule, zone, rules, span, dues) {
  const cron = new Cron(schedule.cron.replace(/^(CRON_)?TZ=\S+\s+/, ""), schedule.dom_dow);
  const words = inItsWords(cron.fields);
  if (words === undefined) return { basis: "calendar" };
  const its = itsInstants(words, schedule, zone, span);
  const ours = dues.map(({ at }) => at);
  if (equal(its, ours)) return { basis: "croner" };
  const why = explain(cron, zone, rules, its, span);
  if (why === undefined) {
    throw new Error(`croner differs and no rule says why\n  ours ${ours.map(instantText)}\n` +
                    `  its  ${its.map(instantText)}`);
  }
  const list = (times) => times.slice(0, 4).map(instantText).join(", ") +
                          (times.length > 4 ? " ..." : "");
  // Both lists end after `count`: what lies behind the other's end says nothing.
  const end = Math.min(...[its, ours].map((t) => (t.length < span.count ? Infinity : t.at(-1))));
  const extra = its.filter((t) => t <= end && !ours.includes(t));
  const missing = ours.filter((t) => t <= end && !its.includes(t));
  const parts = [extra.length > 0 ? `gives ${list(extra)}` : "",
                 missing.length > 0 ? `leaves out ${list(missing)}` : ""].filter(Boolean);
  return { basis: "calendar", differs: { croner: `${parts.join(" and ")}: ${why}` } };
}
