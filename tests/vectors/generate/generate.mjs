// Writes ../schedules.json to standard output: node generate.mjs > ../schedules.json
// The same input gives the same bytes.
import { readFileSync, readdirSync } from "node:fs";

import { checkFarYears } from "./far_years.mjs";
import { vectorOf } from "./vector.mjs";

// One due instant a line.
function render(vector) {
  const { expect, ...rest } = vector;
  const members = Object.entries(rest).map(([key, value]) => [key, JSON.stringify(value)]);
  if (expect) {
    const lines = expect.map((due) => `\n      ${JSON.stringify(due)}`);
    const at = members.findIndex(([key]) => key === "from") + 1;
    members.splice(at, 0, ["expect", `[${lines.join(",")}]`]);
  }
  return `  {${members.map(([key, text]) => `"${key}": ${text}`).join(",\n   ")}}`;
}

checkFarYears();
const folder = new URL("./cases/", import.meta.url);
const cases = [];
for (const file of readdirSync(folder).sort()) {
  cases.push(...(await import(new URL(file, folder))).default);
}
const vectors = cases.map(vectorOf);
const names = vectors.map(({ name }) => name);
const twice = names.find((name, i) => names.indexOf(name) !== i);
if (twice !== undefined) throw new Error(`two vectors are named ${twice}`);
const lock = JSON.parse(readFileSync(new URL("./package-lock.json", import.meta.url)));
const head = {
  format: 1,
  tzdata: process.versions.tz,
  croner: lock.packages["node_modules/croner"].version,
};
process.stdout.write(
  `{${Object.entries(head).map(([key, value]) => `"${key}": ${JSON.stringify(value)}`).join(", ")},\n` +
  `"vectors": [\n${vectors.map(render).join(",\n")}\n]}\n`);
const zones = new Set(cases.map(({ schedule }) =>
  /TZ=(\S+)/.exec(schedule.cron ?? "")?.[1] ?? schedule.timezone ?? "UTC"));
process.stderr.write(`${vectors.length} vectors, ${zones.size} zones\n`);
