// Figures of the UI on this machine, beside which nothing else should run: how soon the overview is
// painted, and how long the main thread is busy at a time while 100,000 tasks are searched and
// scrolled. Not a test: times differ between machines.
import { openBrowser, openPage, startTarget, TestServer } from "./support.mjs";

const kTasks = 100_000;
const kLines = 1_000;

const [server, target, browser] = await Promise.all([TestServer.start(), startTarget(), openBrowser()]);
for (let made = 0; made < kTasks; made += kLines) {
  let lines = "";
  for (let i = made; i < made + kLines; ++i) {
    lines += JSON.stringify({
      id: `task-${i}`,
      description: `what number ${i} is for`,
      labels: { team: `team-${i % 20}` },
      schedule: { cron: `${i % 60} ${i % 24} * * *`, timezone: "Europe/Berlin" },
      target: { kind: "log" },
    }) + "\n";
  }
  await server.call("POST", "/v1/tasks:import", lines);
}

const page = await openPage(browser, server);
await page.addInitScript(() => {
  window.busy = [];
  new PerformanceObserver((list) => window.busy.push(...list.getEntries().map((one) => one.duration))).observe({
    type: "longtask",
    buffered: true,
  });
});
const painted = () => page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime);
await page.goto(server.url);
await page.getByRole("heading", { level: 1 }).waitFor();
const paints = [];
for (let i = 0; i < 5; ++i) {
  await page.reload();
  await page.getByText("Active tasks").waitFor();
  paints.push(await painted());
}
console.log(`overview, warm: first paint after ${paints.map(Math.round).join(", ")} ms`);

// What the main thread did at a time that was longer than 50 ms; less is not told by the browser.
async function during(what, action) {
  await page.evaluate(() => (window.busy.length = 0));
  const begun = performance.now();
  await action();
  const took = performance.now() - begun;
  const busy = await page.evaluate(() => window.busy);
  console.log(`${what}: ${Math.round(took)} ms until it was there, longest work ${busy.length === 0 ? "below 50" : Math.round(Math.max(...busy))} ms`);
}
const rows = () => page.locator("tbody tr").count();
await during("tasks, first page", async () => {
  await page.goto(`${server.url}/#/tasks`);
  await page.locator("tbody tr").nth(99).waitFor();
});
for (const wanted of [200, 500, 1000, 2000]) {
  await during(`load more, up to ${wanted} rows`, async () => {
    while ((await rows()) < wanted) {
      const before = await rows();
      await page.getByRole("button", { name: "Load more" }).click();
      await page.locator("tbody tr").nth(before + 50).waitFor();
    }
  });
}
await during("scrolling through them", async () => {
  for (let i = 0; i < 40; ++i) {
    await page.mouse.wheel(0, 1_500);
    await page.evaluate(() => new Promise(requestAnimationFrame));
  }
});
await during("searching for one of them", async () => {
  await page.getByRole("searchbox").pressSequentially("number 98765 ", { delay: 40 });
  await page.getByRole("link", { name: "task-98765" }).waitFor();
});
await during("all of a state", async () => {
  await page.getByRole("searchbox").fill("");
  await page.getByRole("button", { name: "active", exact: true }).click();
  await page.locator("tbody tr").nth(99).waitFor();
});
await browser.close();
target.close();
await server.end();
