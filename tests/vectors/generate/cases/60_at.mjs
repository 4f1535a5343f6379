// C-16, C-17 and C-18: one-time schedules. A local time in a gap or an overlap is for
// `disambiguation` to settle; every expectation here is written by hand.

const at = (name, schedule, expect, more = {}) =>
  ({ name: `at ${name}`, schedule, from: "2026-01-01T00:00:00Z", expect: [expect], end: true, ...more });
const refused = (name, schedule, error, more = {}) =>
  ({ name: `at ${name}`, schedule, from: "2026-01-01T00:00:00Z", error, ...more });

// zone, local time in the gap, moved back by the gap's length, moved forward by it.
const kGaps = [
  ["Europe/Berlin", "2027-03-28T02:30:00", "2027-03-28T01:30:00", "2027-03-28T03:30:00"],
  ["America/New_York", "2027-03-14T02:00:00", "2027-03-14T01:00:00", "2027-03-14T03:00:00"],
  ["Europe/Dublin", "2027-03-28T01:59:59", "2027-03-28T00:59:59", "2027-03-28T02:59:59"],
  ["Australia/Lord_Howe", "2027-10-03T02:15:00", "2027-10-03T01:45:00", "2027-10-03T02:45:00"],
  ["Africa/Cairo", "2024-04-26T00:00:00", "2024-04-25T23:00:00", "2024-04-26T01:00:00"],
  ["America/Santiago", "2024-09-08T00:30:00", "2024-09-07T23:30:00", "2024-09-08T01:30:00"],
  ["Asia/Beirut", "2024-03-31T00:15:00", "2024-03-30T23:15:00", "2024-03-31T01:15:00"],
  ["America/Sao_Paulo", "2018-11-04T00:30:00", "2018-11-03T23:30:00", "2018-11-04T01:30:00"],
  ["America/Nuuk", "2024-03-30T23:30:00", "2024-03-30T22:30:00", "2024-03-31T00:30:00"],
  ["Pacific/Chatham", "2027-09-26T03:00:00", "2027-09-26T02:00:00", "2027-09-26T04:00:00"],
  ["Antarctica/Troll", "2024-03-31T01:30:00", "2024-03-30T23:30:00", "2024-03-31T03:30:00"],
  ["Pacific/Apia", "2011-12-30T12:00:00", "2011-12-29T12:00:00", "2011-12-31T12:00:00"],
];
// zone, local time that comes twice, first and second instant.
const kOverlaps = [
  ["Europe/Berlin", "2027-10-31T02:30:00", "2027-10-31T00:30:00Z", "2027-10-31T01:30:00Z"],
  ["America/New_York", "2027-11-07T01:00:00", "2027-11-07T05:00:00Z", "2027-11-07T06:00:00Z"],
  ["Europe/Dublin", "2027-10-31T01:30:00", "2027-10-31T00:30:00Z", "2027-10-31T01:30:00Z"],
  ["Australia/Lord_Howe", "2027-04-04T01:45:00", "2027-04-03T14:45:00Z", "2027-04-03T15:15:00Z"],
  ["Africa/Cairo", "2024-10-31T23:30:00", "2024-10-31T20:30:00Z", "2024-10-31T21:30:00Z"],
  ["America/Santiago", "2024-04-06T23:30:00", "2024-04-07T02:30:00Z", "2024-04-07T03:30:00Z"],
  ["America/Havana", "2024-11-03T00:30:00", "2024-11-03T04:30:00Z", "2024-11-03T05:30:00Z"],
  ["Africa/Casablanca", "2024-03-10T02:30:00", "2024-03-10T01:30:00Z", "2024-03-10T02:30:00Z"],
  ["Europe/Moscow", "2014-10-26T01:30:00", "2014-10-25T21:30:00Z", "2014-10-25T22:30:00Z"],
];

const kDisambiguated = [
  ...kGaps.flatMap(([timezone, local, back, forward]) => {
    const more = { from: `${Number(local.slice(0, 4)) - 1}-01-01T00:00:00Z` };
    const schedule = { at: local, timezone };
    return [
      at(`in a gap of ${timezone}: compatible is the default`, schedule, forward, more),
      at(`in a gap of ${timezone}: compatible moves forward`,
         { ...schedule, disambiguation: "compatible" }, forward, more),
      at(`in a gap of ${timezone}: later moves forward`,
         { ...schedule, disambiguation: "later" }, forward, more),
      at(`in a gap of ${timezone}: earlier moves back`,
         { ...schedule, disambiguation: "earlier" }, back, more),
      refused(`in a gap of ${timezone}: reject refuses`,
              { ...schedule, disambiguation: "reject" }, "invalid-schedule", more),
    ];
  }),
  ...kOverlaps.flatMap(([timezone, local, first, second]) => {
    const more = { from: `${Number(local.slice(0, 4)) - 1}-01-01T00:00:00Z` };
    const schedule = { at: local, timezone };
    return [
      at(`in an overlap of ${timezone}: compatible is the default`, schedule, first, more),
      at(`in an overlap of ${timezone}: compatible takes the first pass`,
         { ...schedule, disambiguation: "compatible" }, first, more),
      at(`in an overlap of ${timezone}: earlier takes the first pass`,
         { ...schedule, disambiguation: "earlier" }, first, more),
      at(`in an overlap of ${timezone}: later takes the second pass`,
         { ...schedule, disambiguation: "later" }, second, more),
      refused(`in an overlap of ${timezone}: reject refuses`,
              { ...schedule, disambiguation: "reject" }, "invalid-schedule", more),
    ];
  }),
];

const kPlain = [
  at("an instant", { at: "2026-12-24T08:00:00Z" }, "2026-12-24T08:00:00Z"),
  at("an instant with an offset", { at: "2026-12-24T08:00:00+05:30" }, "2026-12-24T02:30:00Z"),
  at("an instant with milliseconds", { at: "2026-12-24T08:00:00.123Z" }, "2026-12-24T08:00:00.123Z"),
  at("finer than milliseconds is cut off", { at: "2026-12-24T08:00:00.123999Z" },
     "2026-12-24T08:00:00.123Z"),
  at("lower-case t and z", { at: "2026-12-24t08:00:00z" }, "2026-12-24T08:00:00Z"),
  at("a leap second is the next second", { at: "2026-12-31T23:59:60Z" }, "2027-01-01T00:00:00Z"),
  at("29 February of a leap year", { at: "2028-02-29T12:00:00Z" }, "2028-02-29T12:00:00Z"),
  at("an instant beyond 2038", { at: "2040-06-01T00:00:00Z" }, "2040-06-01T00:00:00Z"),
  at("an instant in 2100", { at: "2100-03-01T00:00:00Z" }, "2100-03-01T00:00:00Z"),
  at("a local time", { at: "2026-12-24T08:00:00", timezone: "Europe/Berlin" }, "2026-12-24T07:00:00Z"),
  at("a local time in summer", { at: "2026-07-24T08:00:00", timezone: "Europe/Berlin" },
     "2026-07-24T06:00:00Z"),
  at("a local time with milliseconds", { at: "2026-07-24T08:00:00.5", timezone: "America/New_York" },
     "2026-07-24T12:00:00.500Z"),
  at("a local time in Kathmandu", { at: "2026-12-24T08:00:00", timezone: "Asia/Kathmandu" },
     "2026-12-24T02:15:00Z"),
  at("a local time in 2050", { at: "2050-07-01T08:00:00", timezone: "Europe/London" },
     "2050-07-01T07:00:00Z"),
  at("a local time in 2100", { at: "2100-07-01T08:00:00", timezone: "America/New_York" },
     "2100-07-01T12:00:00Z"),
  at("reject lets an unambiguous time pass",
     { at: "2027-03-28T03:00:00", timezone: "Europe/Berlin", disambiguation: "reject" },
     "2027-03-28T01:00:00Z"),
  at("the last second before a gap is no gap",
     { at: "2027-03-28T01:59:59", timezone: "Europe/Berlin", disambiguation: "reject" },
     "2027-03-28T00:59:59Z"),
  at("the end of an overlap is not in it",
     { at: "2027-10-31T03:00:00", timezone: "Europe/Berlin", disambiguation: "reject" },
     "2027-10-31T02:00:00Z"),
  { name: "at a delay counts from the acceptance", schedule: { delay: "PT15M" },
    from: "2026-11-24T02:10:00.5Z", expect: ["2026-11-24T02:25:00.500Z"], end: true },
  { name: "at a delay in milliseconds", schedule: { delay: 1500 }, from: "2026-11-24T02:10:00Z",
    expect: ["2026-11-24T02:10:01.500Z"], end: true },
  { name: "at a delay in short form", schedule: { delay: "1h30m" }, from: "2026-11-24T02:10:00Z",
    expect: ["2026-11-24T03:40:00Z"], end: true },
  { name: "at a delay does not see summer time", schedule: { delay: "P1D" },
    from: "2027-03-27T12:00:00+01:00", expect: ["2027-03-28T11:00:00Z"], end: true },
];

const kPast = [
  at("a minute ago is due", { at: "2026-11-24T02:09:00Z" }, "2026-11-24T02:09:00Z",
     { from: "2026-11-24T02:10:00Z" }),
  refused("a minute and a millisecond ago is refused", { at: "2026-11-24T02:08:59.999Z" },
          "past-instant", { from: "2026-11-24T02:10:00Z" }),
  at("long ago is accepted on request", { at: "2020-01-01T00:00:00Z", allow_past: true },
     "2020-01-01T00:00:00Z", { from: "2026-11-24T02:10:00Z" }),
  refused("long ago is refused", { at: "2020-01-01T00:00:00Z" }, "past-instant",
          { from: "2026-11-24T02:10:00Z" }),
  refused("a local time long ago is refused", { at: "2026-11-24T02:10:00", timezone: "Asia/Tokyo" },
          "past-instant", { from: "2026-11-24T02:10:00Z" }),
];

const kRefused = [
  ["a local time without a zone", { at: "2026-12-24T08:00:00" }],
  ["a space for the T", { at: "2026-12-24 08:00:00Z" }],
  ["a date alone", { at: "2026-12-24" }],
  ["30 February", { at: "2027-02-30T00:00:00Z" }],
  ["29 February of no leap year", { at: "2027-02-29T00:00:00Z" }],
  ["29 February 2100", { at: "2100-02-29T00:00:00Z" }],
  ["month 13", { at: "2027-13-01T00:00:00Z" }],
  ["hour 24", { at: "2027-01-01T24:00:00Z" }],
  ["minute 60", { at: "2027-01-01T00:60:00Z" }],
  ["an empty text", { at: "" }],
  ["a disambiguation of another name",
   { at: "2027-03-28T02:30:00", timezone: "Europe/Berlin", disambiguation: "first" }],
  ["a negative delay", { delay: "-PT5M" }],
  ["a delay in months", { delay: "P1M" }],
].map(([name, schedule]) => refused(`refuses ${name}`, schedule, "invalid-schedule"))
  .concat([
    refused("refuses an unknown zone", { at: "2027-03-28T02:30:00", timezone: "Europe/Bonn" },
            "invalid-timezone"),
    refused("refuses an empty zone", { at: "2027-03-28T02:30:00", timezone: "" },
            "invalid-timezone"),
  ]);

export default [...kPlain, ...kDisambiguated, ...kPast, ...kRefused];
