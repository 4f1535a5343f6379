// Changes that are no summer time: missing days, and zones that moved for good. And zones that
// never do anything.

const cron = (name, timezone, expression, from, count, more = {}) =>
  ({ name: `zone ${timezone}: ${name}`, schedule: { cron: expression, timezone, ...more }, from, count });

const kMissingDays = [
  ["Pacific/Apia", "2011-12-28T12:00:00Z", "2011-12-30"],
  ["Pacific/Fakaofo", "2011-12-28T12:00:00Z", "2011-12-30"],
  ["Pacific/Kwajalein", "1993-08-19T14:00:00Z", "1993-08-21"],
].flatMap(([timezone, from, date]) => {
  const day = Number(date.slice(8));
  const month = Number(date.slice(5, 7));
  return [
    cron(`nothing is made up for ${date}`, timezone, "0 9 * * *", from, 4),
    cron(`${date} at any hour is left out`, timezone, "0 */8 * * *", from, 8),
    cron(`several fixed times on ${date} are left out`, timezone, "0 6,18 * * *", from, 6),
    cron(`a year without ${date}`, timezone, `0 12 ${day} ${month} *`,
         `${Number(date.slice(0, 4)) - 1}-06-01T00:00:00Z`, 3),
    cron(`midnight of ${date} is not the next midnight`, timezone, "0 0 * * *", from, 4),
    cron(`fire_after does not call ${date} back`, timezone, "30 23 * * *", from, 4,
         { dst_gap: "fire_after" }),
  ];
});

const kMoves = [
  cron("an hour back for good", "Asia/Almaty", "30 23 * * *", "2024-02-28T00:00:00Z", 4),
  cron("an hour back for good, every half hour", "Asia/Almaty", "*/30 * * * *",
       "2024-02-29T17:00:00Z", 6),
  cron("an hour forward without an hour back", "Europe/Moscow", "30 2 * * *",
       "2011-03-25T23:00:00Z", 3),
  cron("an hour back for good", "Europe/Moscow", "30 1 * * *", "2014-10-24T22:00:00Z", 4),
  cron("an hour back for good, both passes", "Europe/Moscow", "30 1 * * *",
       "2014-10-24T22:00:00Z", 4, { dst_overlap: "both" }),
  cron("an hour back in December", "Europe/Volgograd", "30 1 * * *", "2020-12-25T22:00:00Z", 4),
  cron("half an hour back at midnight", "Asia/Pyongyang", "45 23 * * *",
       "2015-08-13T00:00:00Z", 4),
  cron("half an hour forward up to midnight", "Asia/Pyongyang", "45 23 * * *",
       "2018-05-03T00:00:00Z", 4),
  cron("half an hour forward up to midnight, left out", "Asia/Pyongyang", "45 23 * * *",
       "2018-05-03T00:00:00Z", 4, { dst_gap: "skip" }),
  cron("half an hour back", "America/Caracas", "45 2 * * *", "2007-12-08T00:00:00Z", 4),
  cron("half an hour forward", "America/Caracas", "45 2 * * *", "2016-04-30T00:00:00Z", 4),
  cron("a quarter of an hour forward at midnight", "Asia/Kathmandu", "5 0 * * *",
       "1985-12-30T00:00:00Z", 4),
  cron("half an hour forward up to midnight", "Asia/Singapore", "45 23 * * *",
       "1981-12-30T00:00:00Z", 4),
  cron("summer time that was never taken back", "Asia/Istanbul", "30 3 * * *",
       "2016-03-26T00:00:00Z", 4),
  cron("no change in the autumn in which it stopped", "Europe/Istanbul", "30 3 * * *",
       "2016-10-29T00:00:00Z", 3),
  cron("the last summer time", "America/Sao_Paulo", "30 23 * * *", "2019-02-15T12:00:00Z", 4),
  cron("no summer time any more", "America/Sao_Paulo", "30 0 * * *", "2019-11-02T12:00:00Z", 3),
  cron("a midnight gap that began a permanent offset", "America/Asuncion", "0 0 * * *",
       "2024-10-05T03:00:00Z", 3),
  cron("summer time at midnight", "Asia/Tehran", "30 0 * * *", "2022-03-20T12:00:00Z", 3),
  cron("standard time at midnight", "Asia/Tehran", "30 23 * * *", "2022-09-20T12:00:00Z", 4),
  cron("three hours back are an overlap", "Antarctica/Casey", "30 0 * * *",
       "2010-03-03T12:00:00Z", 3),
  cron("Ramadan's two changes", "Africa/Casablanca", "30 2 * * *", "2023-03-18T12:00:00Z", 3),
  cron("after Ramadan", "Africa/Casablanca", "30 2 * * *", "2023-04-22T12:00:00Z", 3),
  cron("a whole Ramadan at noon", "Africa/Casablanca", "0 12 * * sun", "2024-03-01T00:00:00Z", 9),
];

const kNever = ["Asia/Kolkata", "Asia/Kathmandu", "America/Phoenix", "Asia/Tokyo", "Etc/GMT+5"]
  .flatMap((timezone) => [
    cron("02:30 in March", timezone, "30 2 * * *", "2027-03-13T12:00:00Z", 3),
    cron("02:30 in autumn with both passes", timezone, "30 2 * * *", "2027-10-30T12:00:00Z", 3,
         { dst_overlap: "both" }),
  ]);

const kYears = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Europe/London",
                "Europe/Dublin", "Pacific/Auckland"].flatMap((timezone) => [
  cron("noon on the first of each month of a year", timezone, "0 12 1 * *",
       "2027-01-01T00:00:00Z", 12),
  cron("two o'clock on Sundays in the months of change", timezone, "0 2 * 3,4,9,10,11 sun",
       "2027-01-01T00:00:00Z", 21),
]);

export default [...kMissingDays, ...kMoves, ...kNever, ...kYears];
