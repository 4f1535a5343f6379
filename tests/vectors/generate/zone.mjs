// A time zone as Intl shows it, and nothing else: offsets are read off formatted instants, changes
// of the clocks are found by looking twice a day and halving the interval in which one lies.
//
// A civil time is a number too: the milliseconds from 1970-01-01T00:00:00 that its digits would be
// in UTC. So civil - offset = instant.

export const kSecond = 1000;
export const kMinute = 60 * kSecond;
export const kHour = 60 * kMinute;
export const kDay = 24 * kHour;

export class Zone {
  constructor(name) {
    this.name = name;
    this.format = new Intl.DateTimeFormat("en-US", {
      timeZone: name, calendar: "gregory", hourCycle: "h23",
      year: "numeric", month: "numeric", day: "numeric",
      hour: "numeric", minute: "numeric", second: "numeric",
    });
    this.changesOfYear = new Map();
  }

  // What the clocks show at an instant.
  civilAt(t) {
    const second = Math.floor(t / kSecond) * kSecond;
    const part = {};
    for (const { type, value } of this.format.formatToParts(second)) part[type] = Number(value);
    const civil = Date.UTC(part.year, part.month - 1, part.day, part.hour, part.minute,
                           part.second);
    return civil + (t - second);
  }

  offsetAt(t) {
    return this.civilAt(t) - t;
  }

  // The changes of the offset in a UTC year: {at, before, after}, in order.
  changesIn(year) {
    if (this.changesOfYear.has(year)) return this.changesOfYear.get(year);
    const changes = [];
    const end = Date.UTC(year + 1, 0, 1);
    let early = Date.UTC(year, 0, 1) - kSecond;
    let before = this.offsetAt(early);
    while (early < end - kSecond) {
      const late = Math.min(early + kDay / 2, end - kSecond);
      const after = this.offsetAt(late);
      if (after !== before) {
        let [low, high] = [early, late];  // the change lies in (low, high]
        while (high - low > kSecond) {
          const middle = low + Math.floor((high - low) / 2 / kSecond) * kSecond;
          if (this.offsetAt(middle) === before) low = middle;
          else high = middle;
        }
        changes.push({ at: high, before, after });
      }
      [early, before] = [late, after];
    }
    this.changesOfYear.set(year, changes);
    return changes;
  }

  // The changes within two days of a civil time: no offset is larger than one.
  changesNear(civil) {
    const year = new Date(civil).getUTCFullYear();
    return [year - 1, year, year + 1]
      .flatMap((y) => this.changesIn(y))
      .filter(({ at }) => Math.abs(at - civil) <= 2 * kDay);
  }

  // The instants at which the clocks show a civil time: none in a gap, two in an overlap.
  instantsOf(civil) {
    const near = this.changesNear(civil);
    if (near.length === 0) return [civil - this.offsetFarFromChanges(civil)];
    const offsets = new Set(near.flatMap(({ before, after }) => [before, after]));
    return [...offsets]
      .map((offset) => civil - offset)
      .filter((t) => this.offsetNear(near, t) === civil - t)
      .sort((a, b) => a - b);
  }

  offsetNear(near, t) {
    const next = near.find(({ at }) => t < at);
    return next ? next.before : near.at(-1).after;
  }

  offsetFarFromChanges(civil) {
    const year = new Date(civil).getUTCFullYear();
    const all = [year - 1, year, year + 1].flatMap((y) => this.changesIn(y));
    return all.length > 0 ? this.offsetNear(all, civil) : this.offsetAt(civil);
  }

  // The change that jumps over a civil time: {at, from, to} with from <= civil < to.
  gapAround(civil) {
    for (const { at, before, after } of this.changesNear(civil)) {
      if (at + before <= civil && civil < at + after) {
        return { at, from: at + before, to: at + after };
      }
    }
    return undefined;
  }
}

const zones = new Map();
export function zoneOf(name) {
  if (!zones.has(name)) zones.set(name, new Zone(name));
  return zones.get(name);
}

// Text of instants, civil times and offsets; milliseconds only where there are some.
const digits = (t) => new Date(t).toISOString().replace(".000Z", "Z");
export const instantText = (t) => digits(t);
export const civilText = (civil) => digits(civil).slice(0, -1);
export function offsetText(offset) {
  if (offset % kMinute !== 0) throw new Error(`an offset of ${offset} ms has seconds`);
  const minutes = Math.abs(offset) / kMinute;
  const two = (n) => String(n).padStart(2, "0");
  return `${offset < 0 ? "-" : "+"}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
export function parseInstant(text) {
  const t = Date.parse(text);
  if (!/(Z|[+-]\d\d:\d\d)$/.test(text) || Number.isNaN(t)) throw new Error(`${text}: no instant`);
  return t;
}
export function parseCivil(text) {
  const t = Date.parse(`${text}Z`);
  if (Number.isNaN(t)) throw new Error(`${text}: no civil time`);
  return t;
}
