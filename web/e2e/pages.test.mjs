// Every page in light and dark, wide and narrow: it shows its heading, axe-core finds nothing, and
// nothing is wider than the window.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { openBrowser, openPage, startTarget, TestServer } from "./support.mjs";

const kAxe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

let server, target, browser, deadRun;
before(async () => {
  [server, target, browser] = await Promise.all([TestServer.start(), startTarget(), openBrowser()]);
  await server.call("POST", "/v1/tasks", {
    id: "nightly-report",
    description: "Renders what the accountants read in the morning",
    schedule: { cron: "0 3 * * *", timezone: "Europe/Berlin" },
    labels: { team: "billing" },
    target: { kind: "http", url: `${target.url}/ok` },
    payload: { report: 12345678901234567890 },
  });
  await server.call("POST", "/v1/tasks", {
    id: `a-task-with-a-very-long-name-${"x".repeat(99)}`,
    schedule: { every: "PT1H" },
    target: { kind: "log" },
  });
  await server.call("POST", "/v1/tasks", {
    id: "doomed",
    schedule: { every: "PT24H" },
    target: { kind: "http", url: `${target.url}/gone` },
  });
  const begun = await server.call("POST", "/v1/tasks/doomed/run", {});
  deadRun = begun.id;
  while ((await server.call("GET", `/v1/runs/${deadRun}`)).state !== "dead");
});
after(async () => {
  await browser?.close();
  target?.close();
  await server?.end();
});

// The address, the heading, and the tab where several pages have that heading.
const kPages = () => [
  ["", "Overview"],
  ["tasks", "Tasks"],
  ["tasks/nightly-report", "nightly-report"],
  ["tasks/nightly-report?tab=upcoming", "nightly-report", "Upcoming"],
  ["tasks/nightly-report?tab=why", "nightly-report", "Why did it not run?"],
  ["tasks/nightly-report?tab=definition", "nightly-report", "Definition"],
  ["tasks/nightly-report?tab=audit", "nightly-report", "Audit"],
  ["tasks/nightly-report/edit", "nightly-report"],
  ["new", "New task"],
  ["runs", "Runs"],
  ["runs?open=1", "Runs"],
  [`runs/${deadRun}`, "Run of"],
  ["dead", "Dead letters"],
  ["timeline", "Timeline"],
  ["server", "Server"],
  ["keys", "Keys"],
  ["audit", "Audit"],
  ["api", "API"],
  ["preferences", "Preferences"],
  ["nowhere", "There is no such page"],
];

for (const [look, options] of [
  ["light", { colorScheme: "light" }],
  ["dark", { colorScheme: "dark" }],
  ["narrow", { colorScheme: "light", viewport: { width: 360, height: 740 } }],
]) {
  test(`every page, ${look}`, async (t) => {
    const page = await openPage(browser, server, { ...options, reducedMotion: "reduce" });
    for (const [address, heading, tab] of kPages()) {
      await t.test(address || "overview", async () => {
        page.faults.length = 0;
        await page.goto(`${server.url}/#/${address}`);
        await page.getByRole("heading", { level: 1, name: heading }).waitFor();
        if (tab) await page.getByRole("button", { name: tab, pressed: true }).waitFor();
        await page.waitForFunction(() => !/Loading|Looking/.test(document.querySelector("main").innerText));
        const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(wider <= 0, `it is ${wider} px wider than the window`);
        await page.evaluate(kAxe);
        const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
        const told = violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.target + " " + (node.any[0]?.message ?? "")).slice(0, 3).join("; ")}`);
        assert.deepEqual(told, []);
        assert.deepEqual(page.faults, []);
      });
    }
    await page.context().close();
  });
}
