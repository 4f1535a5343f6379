// C-16: recurrence rules. The first part is RFC 5545's own examples (3.8.5.3) with the dates that
// it gives for them; start_at stands for its DTSTART. The second is zones, by reasoning.
import { instantText, parseCivil, zoneOf } from "../zone.mjs";

// days("1997-09", [2, 4], "09:00"): local times of a month.
const days = (month, list, time = "09:00") =>
  list.map((day) => `${month}-${String(day).padStart(2, "0")}T${time}:00`);
const to = (first, last, step = 1) => {
  const list = [];
  for (let n = first; n <= last; n += step) list.push(n);
  return list;
};

const instantOf = (local, timezone) => instantText(zoneOf(timezone).instantsOf(parseCivil(local))[0]);

function rfc(name, start, rrule, expect, more = {}) {
  const timezone = "America/New_York";
  const from = instantOf(start, timezone);
  const { end, ...options } = more;
  return { name: `rrule RFC 5545: ${name}`, basis: "rfc5545", from, expect: expect.flat(),
           schedule: { rrule, timezone, start_at: from, ...options }, ...(end ? { end } : {}) };
}
const over = { end: true };
const kStart = "1997-09-02T09:00:00";

const kDaily = [
  rfc("daily for 10 occurrences", kStart, "FREQ=DAILY;COUNT=10", [days("1997-09", to(2, 11))], over),
  rfc("daily until December 24, 1997", kStart, "FREQ=DAILY;UNTIL=19971224T000000Z",
      [days("1997-09", to(2, 30)), days("1997-10", to(1, 31)), days("1997-11", to(1, 30)),
       days("1997-12", to(1, 23))], over),
  rfc("every other day, forever", kStart, "FREQ=DAILY;INTERVAL=2",
      [days("1997-09", to(2, 30, 2)), days("1997-10", to(2, 30, 2)), days("1997-11", to(1, 29, 2)),
       days("1997-12", [1, 3])]),
  rfc("every 10 days, 5 occurrences", kStart, "FREQ=DAILY;INTERVAL=10;COUNT=5",
      [days("1997-09", [2, 12, 22]), days("1997-10", [2, 12])], over),
  ...[["yearly", "FREQ=YEARLY;UNTIL=20000131T140000Z;BYMONTH=1;BYDAY=SU,MO,TU,WE,TH,FR,SA"],
      ["daily", "FREQ=DAILY;UNTIL=20000131T140000Z;BYMONTH=1"]].map(([how, rrule]) =>
    rfc(`every day in January, for 3 years, written as ${how}`, "1998-01-01T09:00:00", rrule,
        ["1998-01", "1999-01", "2000-01"].map((month) => days(month, to(1, 31))), over)),
];

const kWeekly = [
  rfc("weekly for 10 occurrences", kStart, "FREQ=WEEKLY;COUNT=10",
      [days("1997-09", [2, 9, 16, 23, 30]), days("1997-10", [7, 14, 21, 28]),
       days("1997-11", [4])], over),
  rfc("weekly until December 24, 1997", kStart, "FREQ=WEEKLY;UNTIL=19971224T000000Z",
      [days("1997-09", [2, 9, 16, 23, 30]), days("1997-10", [7, 14, 21, 28]),
       days("1997-11", [4, 11, 18, 25]), days("1997-12", [2, 9, 16, 23])], over),
  rfc("every other week, forever", kStart, "FREQ=WEEKLY;INTERVAL=2;WKST=SU",
      [days("1997-09", [2, 16, 30]), days("1997-10", [14, 28]), days("1997-11", [11, 25]),
       days("1997-12", [9, 23]), days("1998-01", [6, 20]), days("1998-02", [3, 17])]),
  ...[["until", "FREQ=WEEKLY;UNTIL=19971007T000000Z;WKST=SU;BYDAY=TU,TH"],
      ["count", "FREQ=WEEKLY;COUNT=10;WKST=SU;BYDAY=TU,TH"]].map(([how, rrule]) =>
    rfc(`weekly on Tuesday and Thursday for five weeks, by ${how}`, kStart, rrule,
        [days("1997-09", [2, 4, 9, 11, 16, 18, 23, 25, 30]), days("1997-10", [2])], over)),
  rfc("every other week on Monday, Wednesday and Friday until December 24, 1997",
      "1997-09-01T09:00:00", "FREQ=WEEKLY;INTERVAL=2;UNTIL=19971224T000000Z;WKST=SU;BYDAY=MO,WE,FR",
      [days("1997-09", [1, 3, 5, 15, 17, 19, 29]), days("1997-10", [1, 3, 13, 15, 17, 27, 29, 31]),
       days("1997-11", [10, 12, 14, 24, 26, 28]), days("1997-12", [8, 10, 12, 22])], over),
  rfc("every other week on Tuesday and Thursday, for 8 occurrences", kStart,
      "FREQ=WEEKLY;INTERVAL=2;COUNT=8;WKST=SU;BYDAY=TU,TH",
      [days("1997-09", [2, 4, 16, 18, 30]), days("1997-10", [2, 14, 16])], over),
  rfc("a week that starts on Monday", "1997-08-05T09:00:00",
      "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO", [days("1997-08", [5, 10, 19, 24])], over),
  rfc("a week that starts on Sunday", "1997-08-05T09:00:00",
      "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU", [days("1997-08", [5, 17, 19, 31])], over),
];

const kMonthly = [
  rfc("monthly on the first Friday for 10 occurrences", "1997-09-05T09:00:00",
      "FREQ=MONTHLY;COUNT=10;BYDAY=1FR",
      [days("1997-09", [5]), days("1997-10", [3]), days("1997-11", [7]), days("1997-12", [5]),
       days("1998-01", [2]), days("1998-02", [6]), days("1998-03", [6]), days("1998-04", [3]),
       days("1998-05", [1]), days("1998-06", [5])], over),
  rfc("monthly on the first Friday until December 24, 1997", "1997-09-05T09:00:00",
      "FREQ=MONTHLY;UNTIL=19971224T000000Z;BYDAY=1FR",
      [days("1997-09", [5]), days("1997-10", [3]), days("1997-11", [7]), days("1997-12", [5])], over),
  rfc("every other month on the first and last Sunday for 10 occurrences", "1997-09-07T09:00:00",
      "FREQ=MONTHLY;INTERVAL=2;COUNT=10;BYDAY=1SU,-1SU",
      [days("1997-09", [7, 28]), days("1997-11", [2, 30]), days("1998-01", [4, 25]),
       days("1998-03", [1, 29]), days("1998-05", [3, 31])], over),
  rfc("monthly on the second-to-last Monday for 6 months", "1997-09-22T09:00:00",
      "FREQ=MONTHLY;COUNT=6;BYDAY=-2MO",
      [days("1997-09", [22]), days("1997-10", [20]), days("1997-11", [17]), days("1997-12", [22]),
       days("1998-01", [19]), days("1998-02", [16])], over),
  rfc("monthly on the third-to-last day, forever", "1997-09-28T09:00:00", "FREQ=MONTHLY;BYMONTHDAY=-3",
      [days("1997-09", [28]), days("1997-10", [29]), days("1997-11", [28]), days("1997-12", [29]),
       days("1998-01", [29]), days("1998-02", [26])]),
  rfc("monthly on the 2nd and 15th for 10 occurrences", kStart,
      "FREQ=MONTHLY;COUNT=10;BYMONTHDAY=2,15",
      ["1997-09", "1997-10", "1997-11", "1997-12", "1998-01"].map((m) => days(m, [2, 15])), over),
  rfc("monthly on the first and last day for 10 occurrences", "1997-09-30T09:00:00",
      "FREQ=MONTHLY;COUNT=10;BYMONTHDAY=1,-1",
      [days("1997-09", [30]), days("1997-10", [1, 31]), days("1997-11", [1, 30]),
       days("1997-12", [1, 31]), days("1998-01", [1, 31]), days("1998-02", [1])], over),
  rfc("every 18 months on the 10th to 15th for 10 occurrences", "1997-09-10T09:00:00",
      "FREQ=MONTHLY;INTERVAL=18;COUNT=10;BYMONTHDAY=10,11,12,13,14,15",
      [days("1997-09", to(10, 15)), days("1999-03", to(10, 13))], over),
  rfc("every Tuesday, every other month", kStart, "FREQ=MONTHLY;INTERVAL=2;BYDAY=TU",
      [days("1997-09", to(2, 30, 7)), days("1997-11", to(4, 25, 7)), days("1998-01", to(6, 27, 7)),
       days("1998-03", to(3, 31, 7))]),
  rfc("every Friday the 13th, forever", kStart, "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13",
      [days("1998-02", [13]), days("1998-03", [13]), days("1998-11", [13]), days("1999-08", [13]),
       days("2000-10", [13])], { exdate: [kStart] }),
  rfc("the first Saturday that follows the first Sunday, forever", "1997-09-13T09:00:00",
      "FREQ=MONTHLY;BYDAY=SA;BYMONTHDAY=7,8,9,10,11,12,13",
      [days("1997-09", [13]), days("1997-10", [11]), days("1997-11", [8]), days("1997-12", [13]),
       days("1998-01", [10]), days("1998-02", [7]), days("1998-03", [7]), days("1998-04", [11]),
       days("1998-05", [9]), days("1998-06", [13])]),
  rfc("the third instance of Tuesday, Wednesday or Thursday for three months",
      "1997-09-04T09:00:00", "FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3",
      [days("1997-09", [4]), days("1997-10", [7]), days("1997-11", [6])], over),
  rfc("the second-to-last weekday of the month", "1997-09-29T09:00:00",
      "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2",
      [days("1997-09", [29]), days("1997-10", [30]), days("1997-11", [27]), days("1997-12", [30]),
       days("1998-01", [29]), days("1998-02", [26]), days("1998-03", [30])]),
  rfc("an invalid date (30 February) is ignored", "2007-01-15T09:00:00",
      "FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5",
      [days("2007-01", [15, 30]), days("2007-02", [15]), days("2007-03", [15, 30])], over),
];

const kYearly = [
  rfc("yearly in June and July for 10 occurrences", "1997-06-10T09:00:00",
      "FREQ=YEARLY;COUNT=10;BYMONTH=6,7",
      to(1997, 2001).map((y) => [...days(`${y}-06`, [10]), ...days(`${y}-07`, [10])]), over),
  rfc("every other year in January, February and March for 10 occurrences", "1997-03-10T09:00:00",
      "FREQ=YEARLY;INTERVAL=2;COUNT=10;BYMONTH=1,2,3",
      [days("1997-03", [10]), ...[1999, 2001, 2003].map((y) =>
        [1, 2, 3].flatMap((m) => days(`${y}-0${m}`, [10])))], over),
  rfc("every third year on the 1st, 100th and 200th day for 10 occurrences", "1997-01-01T09:00:00",
      "FREQ=YEARLY;INTERVAL=3;COUNT=10;BYYEARDAY=1,100,200",
      [days("1997-01", [1]), days("1997-04", [10]), days("1997-07", [19]), days("2000-01", [1]),
       days("2000-04", [9]), days("2000-07", [18]), days("2003-01", [1]), days("2003-04", [10]),
       days("2003-07", [19]), days("2006-01", [1])], over),
  rfc("every 20th Monday of the year, forever", "1997-05-19T09:00:00", "FREQ=YEARLY;BYDAY=20MO",
      [days("1997-05", [19]), days("1998-05", [18]), days("1999-05", [17])]),
  rfc("Monday of week number 20, forever", "1997-05-12T09:00:00", "FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO",
      [days("1997-05", [12]), days("1998-05", [11]), days("1999-05", [17])]),
  rfc("every Thursday in March, forever", "1997-03-13T09:00:00", "FREQ=YEARLY;BYMONTH=3;BYDAY=TH",
      [days("1997-03", [13, 20, 27]), days("1998-03", [5, 12, 19, 26]),
       days("1999-03", [4, 11, 18, 25])]),
  rfc("every Thursday in June, July and August, forever", "1997-06-05T09:00:00",
      "FREQ=YEARLY;BYDAY=TH;BYMONTH=6,7,8",
      [days("1997-06", [5, 12, 19, 26]), days("1997-07", [3, 10, 17, 24, 31]),
       days("1997-08", [7, 14, 21, 28]), days("1998-06", [4, 11, 18, 25]),
       days("1998-07", [2, 9, 16, 23, 30]), days("1998-08", [6, 13, 20, 27]),
       days("1999-06", [3, 10, 17, 24]), days("1999-07", [1, 8, 15, 22, 29]),
       days("1999-08", [5, 12, 19, 26])]),
  rfc("every four years, the first Tuesday after a Monday in November", "1996-11-05T09:00:00",
      "FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8",
      [days("1996-11", [5]), days("2000-11", [7]), days("2004-11", [2])]),
];

const minutes = (list) => list.map((time) => `1997-09-02T${time}:00`);
const everyTwenty = (date) => to(9, 16).flatMap((hour) =>
  ["00", "20", "40"].map((minute) => `${date}T${String(hour).padStart(2, "0")}:${minute}:00`));
const kWithinDays = [
  // Its UNTIL there is 17:00 UTC, which is 13:00 in New York and would leave out the 15:00 it lists.
  rfc("every 3 hours from 9 to 17 o'clock on a day", kStart,
      "FREQ=HOURLY;INTERVAL=3;UNTIL=19970902T210000Z", minutes(["09:00", "12:00", "15:00"]), over),
  rfc("every 15 minutes for 6 occurrences", kStart, "FREQ=MINUTELY;INTERVAL=15;COUNT=6",
      minutes(["09:00", "09:15", "09:30", "09:45", "10:00", "10:15"]), over),
  rfc("every hour and a half for 4 occurrences", kStart, "FREQ=MINUTELY;INTERVAL=90;COUNT=4",
      minutes(["09:00", "10:30", "12:00", "13:30"]), over),
  ...[["daily", "FREQ=DAILY;BYHOUR=9,10,11,12,13,14,15,16;BYMINUTE=0,20,40"],
      ["minutely", "FREQ=MINUTELY;INTERVAL=20;BYHOUR=9,10,11,12,13,14,15,16"]].map(([how, rrule]) =>
    rfc(`every 20 minutes from 9:00 to 16:40, written as ${how}`, kStart, rrule,
        [everyTwenty("1997-09-02"), everyTwenty("1997-09-03")])),
];

// More than the RFC's examples, by reasoning. The start is a local time of the zone.
function own(name, timezone, start, rrule, expect, more = {}) {
  const { end, from = instantOf(start, timezone), ...options } = more;
  return { name: `rrule ${name}`, from, expect: expect.flat(), ...(end ? { end } : {}),
           schedule: { rrule, timezone, start_at: instantOf(start, timezone), ...options } };
}

const kChanges = [
  own("in a gap: due after it", "Europe/Berlin", "2027-03-27T02:30:00", "FREQ=DAILY",
      ["2027-03-27T02:30:00", { local: "2027-03-28T03:00:00", note: "gap" }, "2027-03-29T02:30:00"]),
  own("in a gap: left out on request", "Europe/Berlin", "2027-03-27T02:30:00", "FREQ=DAILY",
      ["2027-03-27T02:30:00", "2027-03-29T02:30:00", "2027-03-30T02:30:00"], { dst_gap: "skip" }),
  own("several in one gap are one", "America/New_York", "2027-03-13T02:00:00",
      "FREQ=DAILY;BYMINUTE=0,20,40",
      ["2027-03-13T02:00:00", "2027-03-13T02:20:00", "2027-03-13T02:40:00",
       { local: "2027-03-14T03:00:00", note: "gap" }, "2027-03-15T02:00:00"]),
  own("in a gap, landing on a real due", "America/New_York", "2027-03-13T02:30:00",
      "FREQ=DAILY;BYHOUR=2,3;BYMINUTE=0,30",
      ["2027-03-13T02:30:00", "2027-03-13T03:00:00", "2027-03-13T03:30:00", "2027-03-14T03:00:00",
       "2027-03-14T03:30:00", "2027-03-15T02:00:00"]),
  own("at a midnight that does not exist", "Africa/Cairo", "2024-04-25T00:00:00", "FREQ=DAILY",
      ["2024-04-25T00:00:00", { local: "2024-04-26T01:00:00", note: "gap" }, "2024-04-27T00:00:00"]),
  own("in an overlap: the first pass", "Europe/Berlin", "2027-10-30T02:30:00", "FREQ=DAILY",
      ["2027-10-30T02:30:00", { local: "2027-10-31T02:30:00", pass: 0 }, "2027-11-01T02:30:00"]),
  own("in an overlap: the second pass on request", "Europe/Berlin", "2027-10-30T02:30:00",
      "FREQ=DAILY",
      ["2027-10-30T02:30:00", { local: "2027-10-31T02:30:00", pass: 1 }, "2027-11-01T02:30:00"],
      { dst_overlap: "second" }),
  own("in an overlap: both passes on request", "Europe/Berlin", "2027-10-30T02:30:00", "FREQ=DAILY",
      ["2027-10-30T02:30:00", { local: "2027-10-31T02:30:00", pass: 0 },
       { local: "2027-10-31T02:30:00", pass: 1 }, "2027-11-01T02:30:00"], { dst_overlap: "both" }),
  own("hourly makes nothing up in a gap", "Europe/Berlin", "2027-03-28T00:30:00", "FREQ=HOURLY",
      ["2027-03-28T00:30:00", "2027-03-28T01:30:00", "2027-03-28T03:30:00", "2027-03-28T04:30:00"]),
  own("hourly runs in both passes of an overlap", "Europe/Berlin", "2027-10-31T01:30:00",
      "FREQ=HOURLY",
      ["2027-10-31T01:30:00", { local: "2027-10-31T02:30:00", pass: 0 },
       { local: "2027-10-31T02:30:00", pass: 1 }, "2027-10-31T03:30:00"]),
  own("half an hour's gap", "Australia/Lord_Howe", "2027-10-02T02:15:00", "FREQ=DAILY",
      ["2027-10-02T02:15:00", { local: "2027-10-03T02:30:00", note: "gap" }, "2027-10-04T02:15:00"]),
  own("a missing day is no instance", "Pacific/Apia", "2011-12-29T09:00:00", "FREQ=DAILY",
      ["2011-12-29T09:00:00", "2011-12-31T09:00:00", "2012-01-01T09:00:00"]),
  own("the local time stays over the changes of a year", "Europe/London", "2027-01-15T12:00:00",
      "FREQ=MONTHLY;COUNT=12", [to(1, 12).flatMap((m) =>
        days(`2027-${String(m).padStart(2, "0")}`, [15], "12:00"))], { end: true }),
];

const kMore = [
  own("the last Friday of each month", "Europe/Berlin", "2026-11-27T18:00:00",
      "FREQ=MONTHLY;BYDAY=-1FR",
      ["2026-11-27T18:00:00", "2026-12-25T18:00:00", "2027-01-29T18:00:00", "2027-02-26T18:00:00"]),
  own("29 February", "UTC", "2028-02-29T00:00:00", "FREQ=YEARLY",
      ["2028-02-29T00:00:00", "2032-02-29T00:00:00", "2036-02-29T00:00:00"]),
  own("29 February leaves out 2100", "UTC", "2092-02-29T00:00:00",
      "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29",
      ["2092-02-29T00:00:00", "2096-02-29T00:00:00", "2104-02-29T00:00:00"]),
  own("the 31st leaves out short months", "UTC", "2027-01-31T12:00:00", "FREQ=MONTHLY",
      ["2027-01-31T12:00:00", "2027-03-31T12:00:00", "2027-05-31T12:00:00", "2027-07-31T12:00:00",
       "2027-08-31T12:00:00"]),
  own("the last day of each month", "UTC", "2027-01-31T12:00:00", "FREQ=MONTHLY;BYMONTHDAY=-1",
      ["2027-01-31T12:00:00", "2027-02-28T12:00:00", "2027-03-31T12:00:00", "2027-04-30T12:00:00"]),
  own("the last day of the year", "UTC", "2027-12-31T12:00:00", "FREQ=YEARLY;BYYEARDAY=-1",
      ["2027-12-31T12:00:00", "2028-12-31T12:00:00", "2029-12-31T12:00:00"]),
  own("day 366", "UTC", "2028-12-31T12:00:00", "FREQ=YEARLY;BYYEARDAY=366",
      ["2028-12-31T12:00:00", "2032-12-31T12:00:00"]),
  own("the first and last weekday of a month", "UTC", "2027-05-03T08:00:00",
      "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1,-1",
      ["2027-05-03T08:00:00", "2027-05-31T08:00:00", "2027-06-01T08:00:00", "2027-06-30T08:00:00"]),
  own("week 53", "UTC", "2026-12-28T08:00:00", "FREQ=YEARLY;BYWEEKNO=53;BYDAY=MO",
      ["2026-12-28T08:00:00", "2032-12-27T08:00:00"]),
  own("two hours of a day", "UTC", "2027-01-01T06:00:00", "FREQ=DAILY;BYHOUR=6,18",
      ["2027-01-01T06:00:00", "2027-01-01T18:00:00", "2027-01-02T06:00:00"]),
  own("UNTIL includes its own instant", "UTC", "2027-01-01T06:00:00",
      "FREQ=DAILY;UNTIL=20270103T060000Z",
      ["2027-01-01T06:00:00", "2027-01-02T06:00:00", "2027-01-03T06:00:00"], { end: true }),
  own("UNTIL a second earlier leaves it out", "UTC", "2027-01-01T06:00:00",
      "FREQ=DAILY;UNTIL=20270103T055959Z", ["2027-01-01T06:00:00", "2027-01-02T06:00:00"],
      { end: true }),
  own("COUNT=1", "UTC", "2027-01-01T06:00:00", "FREQ=DAILY;COUNT=1", ["2027-01-01T06:00:00"],
      { end: true }),
  own("COUNT counts from the start, not from when it is asked", "UTC", "2027-01-01T06:00:00",
      "FREQ=DAILY;COUNT=5", ["2027-01-04T06:00:00", "2027-01-05T06:00:00"],
      { from: "2027-01-03T06:00:01Z", end: true }),
  own("end_at is exclusive", "UTC", "2027-01-01T06:00:00", "FREQ=DAILY",
      ["2027-01-01T06:00:00", "2027-01-02T06:00:00"],
      { end_at: "2027-01-03T06:00:00Z", end: true }),
  own("INTERVAL counts from the start, not from when it is asked", "UTC", "2027-01-01T06:00:00",
      "FREQ=WEEKLY;INTERVAL=2", ["2027-02-12T06:00:00", "2027-02-26T06:00:00"],
      { from: "2027-02-01T00:00:00Z" }),
  own("EXDATE is no due instant", "Europe/Berlin", "2027-12-24T08:00:00", "FREQ=DAILY",
      ["2027-12-24T08:00:00", "2027-12-27T08:00:00"],
      { exdate: ["2027-12-25T08:00:00", "2027-12-26T08:00:00"] }),
  own("COUNT counts what EXDATE leaves out", "UTC", "2027-01-01T06:00:00", "FREQ=DAILY;COUNT=3",
      ["2027-01-01T06:00:00", "2027-01-03T06:00:00"],
      { exdate: ["2027-01-02T06:00:00"], end: true }),
  own("RDATE adds one", "Europe/Berlin", "2027-01-04T08:00:00", "FREQ=WEEKLY",
      ["2027-01-04T08:00:00", "2027-01-06T10:15:00", "2027-01-11T08:00:00"],
      { rdate: ["2027-01-06T10:15:00"] }),
  own("RDATE that is an instance already is one", "UTC", "2027-01-04T08:00:00", "FREQ=WEEKLY",
      ["2027-01-04T08:00:00", "2027-01-11T08:00:00", "2027-01-18T08:00:00"],
      { rdate: ["2027-01-11T08:00:00"] }),
  own("an excluded date is due and not run", "Europe/Berlin", "2027-12-24T08:00:00", "FREQ=DAILY",
      ["2027-12-24T08:00:00", { local: "2027-12-25T08:00:00", note: "excluded" },
       "2027-12-26T08:00:00"], { exclude: ["2027-12-25"] }),
];

export default [...kDaily, ...kWeekly, ...kMonthly, ...kYearly, ...kWithinDays, ...kChanges, ...kMore];
