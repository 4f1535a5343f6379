// Screenshots of the main pages, light and dark, for docs/ui: what a server with some life looks
// like. Usage: node e2e/screens.mjs FOLDER [--narrow]
import { mkdir } from "node:fs/promises";
import { openBrowser, openPage, startTarget, TestServer } from "./support.mjs";

const folder = process.argv[2] ?? "screens";
const narrow = process.argv.includes("--narrow");
await mkdir(folder, { recursive: true });
const [server, target, browser] = await Promise.all([TestServer.start(), startTarget(), openBrowser()]);

const http = (path) => ({ kind: "http", url: target.url + path });
const kTasks = [
  { id: "invoice-mails", description: "Sends what was invoiced the day before", labels: { team: "billing" }, schedule: { cron: "30 7 * * 1-5", timezone: "Europe/Berlin" }, target: http("/ok"), payload: { template: "invoice", id: 12345678901234567890n } },
  { id: "nightly-report", labels: { team: "billing" }, schedule: { cron: "0 3 * * *", timezone: "America/New_York" }, target: http("/ok") },
  { id: "cache-warmer", labels: { team: "web" }, schedule: { every: "PT1S" }, target: http("/ok") },
  { id: "search-index", labels: { team: "web", tier: "2" }, schedule: { every: "PT20S" }, target: http("/slow") },
  { id: "legacy-sync", description: "The old system answers when it likes", labels: { team: "data" }, schedule: { every: "PT3S" }, target: http("/gone") },
  { id: "flaky-partner", labels: { team: "data" }, schedule: { every: "PT5S" }, target: http("/fail"), retry: { max_attempts: 3, backoff: ["PT1S"] } },
  { id: "month-end-close", labels: { team: "billing" }, schedule: { rrule: "FREQ=MONTHLY;BYMONTHDAY=-1", timezone: "Europe/Berlin" }, target: http("/ok") },
  { id: "launch", schedule: { at: "2030-01-01T00:00:00Z" }, target: http("/ok") },
];
const text = (value) => JSON.stringify(value, (_, v) => (typeof v === "bigint" ? `big${v}` : v)).replace(/"big(\d+)"/g, "$1");
for (const task of kTasks) {
  const response = await fetch(`${server.url}/v1/tasks`, { method: "POST", headers: { "Content-Type": "application/json" }, body: text(task) });
  if (!response.ok) throw new Error(await response.text());
}
await server.call("POST", "/v1/tasks/nightly-report/pause", { reason: "the ledger moves" });
for (let i = 0; i < 30; ++i) {
  await server.call("PUT", `/v1/tasks/tenant-${String(i).padStart(2, "0")}-digest`, { labels: { team: "mail" }, schedule: { cron: `${i * 2} 6 * * *` }, target: { kind: "log" } });
}
const kLife = Number(process.env.HW_SCREEN_SECONDS ?? 45) * 1_000;
await new Promise((resolve) => setTimeout(resolve, kLife));
const dead = (await server.call("GET", "/v1/runs?state=dead&page_size=1")).runs[0];

const kPages = [
  ["overview", ""],
  ["tasks", "tasks"],
  ["task", "tasks/cache-warmer"],
  ["editor", "tasks/invoice-mails/edit"],
  ["runs", "runs"],
  ["run", `runs/${dead?.id}`],
  ["dead-letters", "dead"],
  ["timeline", "timeline"],
  ["server", "server"],
  ["keys", "keys"],
  ["audit", "audit"],
  ["api", "api"],
  ["preferences", "preferences"],
];
for (const colorScheme of ["light", "dark"]) {
  const viewport = narrow ? { width: 360, height: 780 } : { width: 1280, height: 800 };
  const page = await openPage(browser, server, { colorScheme, viewport, timezoneId: "Europe/Berlin" });
  for (const [name, address] of kPages) {
    await page.goto(`${server.url}/#/${address}`);
    await page.getByRole("heading", { level: 1 }).waitFor();
    await page.waitForFunction(() => !/Loading|Looking/.test(document.querySelector("main").innerText));
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 300)));
    await page.screenshot({ path: `${folder}/${name}-${colorScheme}.png`, fullPage: narrow });
  }
  await page.context().close();
}
await browser.close();
target.close();
await server.end();
