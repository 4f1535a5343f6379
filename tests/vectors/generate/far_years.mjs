// Intl keeps tables for some years and a rule for the rest. Before a vector of 2100 is believed,
// its zone's changes in far years must be those that the rule in the law gives.
import { kDay, kHour, kMinute, instantText, zoneOf } from "./zone.mjs";

// The n-th Sunday of a month (n = -1: the last), as a civil midnight. month is 1 to 12.
function sunday(year, month, n) {
  const first = Date.UTC(year, month - 1, 1);
  const firstSunday = first + ((7 - new Date(first).getUTCDay()) % 7) * kDay;
  if (n > 0) return firstSunday + 7 * (n - 1) * kDay;
  const last = Date.UTC(year, month, 0);
  return last - new Date(last).getUTCDay() * kDay;
}

// Of each zone: the instants of a year's changes, in order.
const kRules = {
  "Europe/Berlin": (y) => [sunday(y, 3, -1) + kHour, sunday(y, 10, -1) + kHour],
  "Europe/London": (y) => [sunday(y, 3, -1) + kHour, sunday(y, 10, -1) + kHour],
  "America/New_York": (y) => [sunday(y, 3, 2) + 7 * kHour, sunday(y, 11, 1) + 6 * kHour],
  "Australia/Sydney": (y) => [sunday(y, 4, 1) - 8 * kHour, sunday(y, 10, 1) - 8 * kHour],
  "Australia/Lord_Howe": (y) => [sunday(y, 4, 1) - 9 * kHour,
                                 sunday(y, 10, 1) + 2 * kHour - (10 * kHour + 30 * kMinute)],
};

export function checkFarYears() {
  for (const [name, rule] of Object.entries(kRules)) {
    for (const year of [2027, 2037, 2038, 2040, 2050, 2099, 2100]) {
      const shown = zoneOf(name).changesIn(year).map(({ at }) => instantText(at)).join(" ");
      const lawful = rule(year).map(instantText).join(" ");
      if (shown !== lawful) throw new Error(`${name} ${year}: Intl ${shown}, the rule ${lawful}`);
    }
  }
}
