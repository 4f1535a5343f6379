// C-16: the fields of a cron expression, in UTC unless a zone is the point.

const kFrom = "2026-11-24T02:10:00Z";  // a Tuesday
const cron = (name, expression, more = {}) => {
  const { from = kFrom, count = 5, years, now, ...options } = more;
  return { name: `cron ${name}`, schedule: { cron: expression, ...options }, from, count,
           ...(years ? { years } : {}), ...(now ? { now } : {}) };
};

const kFields = [
  cron("every minute", "* * * * *"),
  cron("every second with six fields", "* * * * * *", { from: "2026-12-31T23:59:57.001Z" }),
  cron("five fields mean second 0", "30 9 * * *"),
  cron("six fields have seconds first", "*/30 59 23 31 12 *", { years: 5 }),
  cron("seven fields have a year last", "0 0 12 24 12 * 2027-2029"),
  cron("blanks and tabs separate fields", " \t*/20  8-9 * * * "),
  cron("from is inclusive", "10 2 * * *"),
  cron("a millisecond after a due the next is meant", "10 2 * * *",
       { from: "2026-11-24T02:10:00.001Z" }),
  cron("the last value of each field", "59 59 23 31 12 6", { years: 30 }),
  cron("the first value of each field", "0 0 0 1 1 0", { years: 30 }),
  cron("a list", "5,25,45 6,18 * * *", { count: 8 }),
  cron("a list is a set, in any order and with repeats", "45,5,25,5 18,6 * * *", { count: 8 }),
  cron("a range", "0 9-12 * * *", { count: 6 }),
  cron("ranges in a list", "0 1-2,22-23,12 * * *", { count: 7 }),
  cron("a step", "*/25 * * * *", { count: 7 }),
  cron("a step of a range", "10-50/20 4 * * *"),
  cron("a step from a value goes to the end", "5/25 4 * * *"),
  cron("a step of one", "0 20/1 * * *"),
  cron("a step of more than the rest of a range", "10-20/30 4 * * *"),
  cron("a step of hours starts anew each day", "0 */7 * * *", { count: 8 }),
  cron("a step of days starts anew each month", "0 0 */10 * *", { count: 8 }),
  cron("a step of months", "0 0 1 */5 *"),
  cron("a step of years", "0 0 0 1 1 * 2030/7", { count: 4 }),
  cron("a range of one value", "7-7 3-3 * * *"),
  cron("leading zeros", "05 03 01 02 *", { years: 30 }),
  cron("a minute range that wraps", "50-10/10 4 * * *", { count: 7 }),
  cron("an hour range that wraps", "0 22-1 * * *", { count: 6 }),
  cron("a wrapped range with a step", "0 20-4/3 * * *", { count: 6 }),
  cron("a day-of-month range that wraps", "0 0 30-2 * *", { count: 8 }),
  cron("a month range that wraps", "0 0 1 nov-feb *", { count: 6 }),
  cron("a day-of-week range that wraps", "0 0 * * fri-mon", { count: 6 }),
  cron("a wrapped day-of-week range with a step", "0 0 * * sat-wed/2", { count: 6 }),
  cron("month names", "0 0 1 jan,apr,jul,oct *"),
  cron("month names in any case", "0 0 1 JAN,Apr,jUL *"),
  cron("all month names", "0 0 1 jan,feb,mar,apr,may,jun,jul,aug,sep,oct,nov,dec *", { count: 12 }),
  cron("a range of month names", "0 0 15 mar-may *", { count: 4 }),
  cron("day names", "0 8 * * mon,wed,fri", { count: 6 }),
  cron("day names in any case", "0 8 * * MON,Wed,fRI", { count: 6 }),
  cron("all day names", "0 8 * * sun,mon,tue,wed,thu,fri,sat", { count: 7 }),
  cron("a range of day names", "0 8 * * mon-fri", { count: 6 }),
  cron("a name and a number in one range", "0 8 * * mon-5", { count: 6 }),
  cron("a step of day names", "0 8 * * mon-fri/2", { count: 6 }),
  cron("0 is Sunday", "0 8 * * 0"),
  cron("7 is Sunday", "0 8 * * 7"),
  cron("0 and 7 are one Sunday", "0 8 * * 0,7"),
  cron("1 is Monday", "0 8 * * 1"),
  cron("a range that ends with 7", "0 8 * * 5-7", { count: 6 }),
  cron("0-7 is every day", "0 8 * * 0-7", { count: 8 }),
  cron("sun-sat is every day", "0 8 * * sun-sat", { count: 8 }),
  cron("? for any day of the week", "0 12 15 * ?"),
  cron("? for any day of the month", "0 12 ? * mon"),
  cron("? for both", "0 12 ? * ?"),
  cron("? with seconds and a year", "0 0 12 ? 2 wed 2027", { count: 9 }),
  cron("a time zone east of Greenwich", "0 9 * * 1-5", { timezone: "Asia/Tokyo" }),
  cron("a time zone west of Greenwich", "0 9 * * 1-5", { timezone: "America/Phoenix" }),
  cron("a quarter of an hour beside UTC", "0 9 * * 1-5", { timezone: "Asia/Kathmandu" }),
  cron("half an hour beside UTC", "*/30 9-10 * * *", { timezone: "Asia/Kolkata" }),
  cron("a zone's day is not UTC's", "0 1 1 * *", { timezone: "Pacific/Auckland" }),
  cron("the zone UTC by name", "0 9 * * *", { timezone: "UTC" }),
  cron("the zone Etc/UTC", "0 9 * * *", { timezone: "Etc/UTC" }),
];

const kMacros = ["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"]
  .flatMap((macro) => [
    cron(`${macro}`, macro, { count: 3 }),
    cron(`${macro} in a zone`, macro, { count: 3, timezone: "America/New_York" }),
  ]);

const kPrefixed = [
  cron("CRON_TZ= names the zone", "CRON_TZ=Asia/Tokyo 0 9 * * *", { count: 3 }),
  cron("TZ= names the zone", "TZ=America/New_York 30 2 * * *",
       { from: "2027-03-13T00:00:00Z", count: 3 }),
  cron("CRON_TZ= with six fields", "CRON_TZ=Europe/Berlin 15 30 2 * * *",
       { from: "2027-03-27T00:00:00Z", count: 3 }),
  cron("CRON_TZ= with a macro", "CRON_TZ=Europe/Berlin @daily", { count: 3 }),
];

const kDayRules = [
  cron("both day fields match on either", "0 0 13 * fri", { count: 8 }),
  cron("both day fields match on both on request", "0 0 13 * fri", { dom_dow: "and", count: 4 }),
  cron("dom_dow or is the default", "0 0 13 * fri", { dom_dow: "or", count: 8 }),
  cron("a single restricted day field decides alone (day of month)", "0 0 13 * *"),
  cron("a single restricted day field decides alone (day of week)", "0 0 * * fri"),
  cron("dom_dow and with one restricted field changes nothing", "0 0 13 * *", { dom_dow: "and" }),
  cron("the first Monday by dom_dow and", "0 6 1-7 * mon", { dom_dow: "and" }),
  cron("the first week or a Monday", "0 6 1-7 * mon", { count: 12 }),
  cron("the last day or a Sunday", "0 6 L * sun", { count: 8 }),
  cron("the last day if it is a Sunday", "0 6 L * sun", { dom_dow: "and", count: 3 }),
  cron("? beside a restricted field is no restriction", "0 0 13 * ?"),
  cron("a step of * is a restriction", "0 0 */10 * fri", { count: 8 }),
  cron("the leap day or a Monday in February", "0 0 29 2 mon", { count: 10, from: "2028-01-01T00:00:00Z" }),
  cron("the leap day if it is a Monday", "0 0 29 2 mon", { dom_dow: "and", count: 2, years: 60 }),
  cron("the second Friday or the 1st", "0 0 1 * 5#2", { count: 6 }),
];

export default [...kFields, ...kMacros, ...kPrefixed, ...kDayRules];
