// A cron expression as plain sets and predicates, asked about one civil day and one second of a
// day at a time. Slow on purpose: nothing here searches, jumps or caches.

const kMonths = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const kDays = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const kMacros = {
  "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *",
  "@weekly": "0 0 * * 0", "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
};
const kRules = [
  { name: "second", min: 0, max: 59 }, { name: "minute", min: 0, max: 59 },
  { name: "hour", min: 0, max: 23 }, { name: "day-of-month", min: 1, max: 31 },
  { name: "month", min: 1, max: 12, names: kMonths },
  { name: "day-of-week", min: 0, max: 6, names: kDays }, { name: "year", min: 1970, max: 2199 },
];

function valueOf(text, rule) {
  const named = rule.names ? rule.names.indexOf(text.toLowerCase()) : -1;
  if (named >= 0) return rule.min + named;
  if (!/^\d+$/.test(text)) throw new Error(`${rule.name} ${text}`);
  const n = Number(text);
  if (rule.name === "day-of-week" && n === 7) return 0;
  if (n < rule.min || n > rule.max) throw new Error(`${rule.name} ${text}`);
  return n;
}

// The values of one list entry without L, W and #.
function entryValues(text, rule) {
  const [range, step = "1"] = text.split("/");
  const every = Number(step);
  const values = [];
  if (range === "*" || range === "?") {
    for (let v = rule.min; v <= rule.max; v += every) values.push(v);
    return values;
  }
  const [head, tail] = range.split("-");
  const first = valueOf(head, rule);
  let last = first;
  if (tail !== undefined) last = valueOf(tail, rule);
  else if (text.includes("/")) last = rule.max;
  // 7 at the end of a range is the Sunday after its days.
  if (rule.name === "day-of-week" && tail === "7") last = 7;
  const size = rule.max - rule.min + 1;
  if (last < first) last += size;  // fri-mon wraps
  for (let v = first; v <= last; v += every) values.push(rule.min + ((v - rule.min) % size));
  return values;
}

const daysInMonth = (year, month) => new Date(Date.UTC(year, month, 0)).getUTCDate();
const weekday = (year, month, day) => new Date(Date.UTC(year, month - 1, day)).getUTCDay();

// The weekday (Monday to Friday) nearest to a day, in the same month.
function nearestWeekday(year, month, day) {
  const isWeekday = (d) => ![0, 6].includes(weekday(year, month, d));
  for (const away of [0, -1, 1, -2, 2]) {
    const d = day + away;
    if (d >= 1 && d <= daysInMonth(year, month) && isWeekday(d)) return d;
  }
  throw new Error("no weekday near");
}

// Each entry of a day field becomes a predicate of (year, month, day).
function dayOfMonthEntry(text) {
  if (text === "L") return (y, m, d) => d === daysInMonth(y, m);
  if (text === "LW") return (y, m, d) => d === nearestWeekday(y, m, daysInMonth(y, m));
  const back = /^L-(\d+)$/.exec(text);
  if (back) return (y, m, d) => d === daysInMonth(y, m) - Number(back[1]);
  const near = /^(\d+)W$/.exec(text);
  if (near) {
    const n = Number(near[1]);
    return (y, m, d) => n <= daysInMonth(y, m) && d === nearestWeekday(y, m, n);
  }
  const values = entryValues(text, kRules[3]);
  return (y, m, d) => values.includes(d);
}

function dayOfWeekEntry(text) {
  const last = /^(\w+?)L$/.exec(text);
  if (last) {
    const day = valueOf(last[1], kRules[5]);
    return (y, m, d) => weekday(y, m, d) === day && d + 7 > daysInMonth(y, m);
  }
  const nth = /^(\w+)#([1-5])$/.exec(text);
  if (nth) {
    const day = valueOf(nth[1], kRules[5]);
    return (y, m, d) => weekday(y, m, d) === day && Math.ceil(d / 7) === Number(nth[2]);
  }
  const values = entryValues(text, kRules[5]);
  return (y, m, d) => values.includes(weekday(y, m, d));
}

const isAny = (field) => field === "*" || field === "?";
const valuesOf = (field, rule) =>
  new Set(field.split(",").flatMap((entry) => entryValues(entry, rule)));
const anyOf = (field, entry) => {
  const predicates = field.split(",").map(entry);
  return (y, m, d) => predicates.some((matches) => matches(y, m, d));
};

export class Cron {
  // dayRule: "or" or "and" (C-19). Requires an expression without H.
  constructor(text, dayRule = "or") {
    const fields = (kMacros[text] ?? text).trim().split(/[ \t]+/);
    if (fields.length === 5) fields.unshift("0");
    if (fields.length === 6) fields.push("*");
    if (fields.length !== 7) throw new Error(`${fields.length} fields`);
    this.fields = fields;
    const [second, minute, hour, dom, month, dow, year] = fields;
    [this.seconds, this.minutes, this.hours] =
      [second, minute, hour].map((field, i) => valuesOf(field, kRules[i]));
    this.months = valuesOf(month, kRules[4]);
    this.years = isAny(year) ? undefined : valuesOf(year, kRules[6]);
    const byDate = anyOf(dom, dayOfMonthEntry);
    const byWeekday = anyOf(dow, dayOfWeekEntry);
    const either = dayRule === "or" && !isAny(dom) && !isAny(dow);
    this.day = either ? (y, m, d) => byDate(y, m, d) || byWeekday(y, m, d)
                      : (y, m, d) => byDate(y, m, d) && byWeekday(y, m, d);
    this.hasList = [second, minute, hour].some((field) => field.includes(","));
    // C-18: *, a range or a step in the second, minute or hour.
    this.isInterval = [second, minute, hour].some((field) => /[*\-/]/.test(field));
    this.times = this.timesOfDay();
  }

  // All matching seconds of a day, by asking about each of the 86,400.
  timesOfDay() {
    const times = [];
    for (let s = 0; s < 86400; ++s) {
      if (this.seconds.has(s % 60) && this.minutes.has(Math.floor(s / 60) % 60) &&
          this.hours.has(Math.floor(s / 3600))) {
        times.push(s * 1000);
      }
    }
    return times;
  }

  // midnight: a civil day's first moment.
  matchesDay(midnight) {
    const date = new Date(midnight);
    const [y, m, d] = [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()];
    return this.months.has(m) && (!this.years || this.years.has(y)) && this.day(y, m, d);
  }

  // No year matches after this one; undefined: there is no last one.
  get lastYear() {
    return this.years ? Math.max(...this.years) : undefined;
  }
}
