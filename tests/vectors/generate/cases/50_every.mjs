// C-16: every is anchor + n * every, n = 0, 1, 2 ..., in elapsed time (C-18: it never sees a zone).

const every = (name, length, more = {}) => {
  const { from = "2027-03-27T22:00:00Z", now, count = 4, ...options } = more;
  return { name: `every ${name}`, schedule: { every: length, ...options }, from, count,
           ...(now ? { now } : {}) };
};
const kAnchor = { anchor: "2027-01-01T00:00:00Z" };

export default [
  every("quarter of an hour from an anchor", "PT15M", kAnchor),
  every("from is inclusive", "PT15M", { ...kAnchor, from: "2027-03-27T22:15:00Z" }),
  every("a millisecond after a due the next is meant", "PT15M",
        { ...kAnchor, from: "2027-03-27T22:15:00.001Z" }),
  every("the anchor itself is due", "PT1H", { anchor: "2027-05-01T00:00:00Z", count: 3 }),
  every("nothing is due before the anchor", "PT1H", { anchor: "2030-01-01T00:30:00Z", count: 2 }),
  every("an anchor with an offset", "PT6H", { anchor: "2027-01-01T00:00:00+05:30" }),
  every("an anchor long ago", "PT7H", { anchor: "1970-01-01T00:00:00Z" }),
  every("an anchor with milliseconds", "PT1M", { anchor: "2027-01-01T00:00:00.250Z" }),
  every("a tenth of a second", "PT0.1S", { anchor: "2027-03-27T21:59:59.950Z", count: 5 }),
  every("100ms", "100ms", { anchor: "2027-03-27T22:00:00Z", count: 3 }),
  every("a second and a half", "PT1.5S", { anchor: "2027-03-27T22:00:00Z", count: 5 }),
  every("a length that does not divide a day", "PT7M", kAnchor),
  every("a day is 24 hours", "P1D", { anchor: "2027-01-01T09:00:00Z" }),
  every("24 hours go on over a change of summer time", "PT24H",
        { anchor: "2027-03-26T09:00:00+01:00", from: "2027-03-27T00:00:00Z" }),
  every("half hours go on over a gap", "PT30M",
        { anchor: "2027-03-28T00:00:00+01:00", from: "2027-03-28T00:00:00Z", count: 6 }),
  every("half hours go on over an overlap", "PT30M",
        { anchor: "2027-10-31T00:00:00+02:00", from: "2027-10-31T00:00:00Z", count: 6 }),
  every("a week", "P1W", { anchor: "2027-01-04T08:00:00Z" }),
  every("days and hours", "P1DT12H", kAnchor),
  every("hours, minutes and seconds", "PT1H30M15S", kAnchor),
  every("short form 15m", "15m", kAnchor),
  every("short form 1h30m", "1h30m", kAnchor),
  every("short form 2d", "2d", kAnchor),
  every("short form 90s", "90s", kAnchor),
  every("short form 2500ms", "2500ms", { anchor: "2027-03-27T22:00:00Z" }),
  every("90 days over a leap day", "P90D", { anchor: "2027-12-01T00:00:00Z" }),
  every("365 days are no year", "P365D", { anchor: "2027-01-01T00:00:00Z" }),
  every("an hour in 2100", "PT1H", { anchor: "2027-01-01T00:10:00Z", from: "2100-02-28T22:30:00Z" }),
  every("without an anchor it counts from the acceptance", "PT10M",
        { now: "2027-03-27T20:03:04.005Z" }),
  every("start_at leaves the grid as it is", "PT1H",
        { anchor: "2027-01-01T00:10:00Z", start_at: "2027-04-01T00:00:00Z" }),
  every("start_at is inclusive", "PT1H",
        { anchor: "2027-01-01T00:10:00Z", start_at: "2027-04-01T00:10:00Z", count: 2 }),
  every("end_at is exclusive", "PT1H",
        { anchor: "2027-01-01T00:10:00Z", end_at: "2027-03-28T01:10:00Z", count: 9 }),
  every("a whole window", "PT1H", { anchor: "2027-01-01T00:10:00Z",
        start_at: "2027-04-01T00:00:00Z", end_at: "2027-04-01T03:00:00Z", count: 9 }),
  ...[["@every 15m", "2027-03-27T21:50:00Z"], ["@every PT1H30M", "2027-03-27T20:00:00Z"],
      ["@every 90s", "2027-03-27T21:59:00Z"]].map(([cron, now]) =>
    ({ name: `cron ${cron} counts from the acceptance`, schedule: { cron }, now,
       from: "2027-03-27T22:00:00Z", count: 3 })),
];
