// What people do, from end to end.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openBrowser, openPage, startProxy, startTarget, TestServer } from "./support.mjs";

let server, target, browser;
before(async () => {
  [server, target, browser] = await Promise.all([TestServer.start(), startTarget(), openBrowser()]);
});
after(async () => {
  await browser?.close();
  target?.close();
  await server?.end();
});

async function withPage(what, options) {
  const page = await openPage(browser, server, options);
  try {
    await what(page);
    assert.deepEqual(page.faults, []);
  } finally {
    await page.context().close();
  }
}

test("a task that is made fires, and its run appears without a reload", () =>
  withPage(async (page) => {
    await page.goto(`${server.url}/#/new`);
    await page.getByLabel(/^Id/).fill("made-here");
    await page.getByRole("button", { name: /every/i }).first().click();
    await page.getByLabel(/^Every/).fill("2s");
    await page.getByLabel(/^URL/).fill(`${target.url}/ok`);
    await page.getByRole("button", { name: /^Create/ }).click();
    await page.getByRole("heading", { level: 1, name: "made-here" }).waitFor();
    await page.evaluate(() => (window.sameDocument = true));
    await page.locator("td", { hasText: "succeeded" }).first().waitFor();
    assert.ok(await page.evaluate(() => window.sameDocument));
    await server.call("DELETE", "/v1/tasks/made-here");
    await page.getByText("This task has been deleted").waitFor();
  }));

test("a change that meets another one is shown both, and decided", () =>
  withPage(async (page) => {
    await server.call("PUT", "/v1/tasks/contested", { schedule: { cron: "0 9 * * *" }, target: { kind: "log" } });
    await page.goto(`${server.url}/#/tasks/contested/edit`);
    await page.getByLabel(/^Description/).fill("mine");
    await server.call("PATCH", "/v1/tasks/contested", { description: "theirs" });
    await page.getByRole("button", { name: /^Save/ }).click();
    await page.getByRole("heading", { name: /changed/i }).waitFor();
    await page.getByText("theirs").first().waitFor();
    await page.getByRole("button", { name: /overwrite/i }).click();
    await page.getByRole("heading", { level: 1, name: "contested" }).waitFor();
    assert.equal((await server.call("GET", "/v1/tasks/contested")).description, "mine");
  }));

test("a pause of all that match says first how many they are", () =>
  withPage(async (page) => {
    const tasks = Array.from({ length: 130 }, (_, i) => `{"id":"bulk-${i}","labels":{"team":"bulk"},"schedule":{"cron":"0 9 * * *"},"target":{"kind":"log"}}`);
    await server.call("POST", "/v1/tasks:import", tasks.join("\n") + "\n");
    await page.goto(`${server.url}/#/tasks?label=team%3Abulk`);
    await page.locator("tbody tr").nth(99).waitFor();
    await page.getByRole("button", { name: "Choose all that match" }).click();
    await page.getByRole("button", { name: "Pause …" }).click();
    await page.getByText(/also those that are not loaded: 130 tasks/).waitFor();
    assert.equal((await server.call("GET", "/v1/tasks/bulk-7")).state, "active", "it was a dry run");
    await page.getByLabel(/^Reason/).fill("migration");
    await page.getByRole("button", { name: "Pause 130 tasks" }).click();
    await page.getByText("130 tasks paused").waitFor();
    const stored = await server.call("GET", "/v1/tasks/bulk-129");
    assert.equal(stored.state, "paused");
    assert.equal(stored.paused.reason, "migration");
  }));

test("a dead letter is redriven", () =>
  withPage(async (page) => {
    await server.call("PUT", "/v1/tasks/fails", {
      schedule: { every: "PT24H" },
      target: { kind: "http", url: `${target.url}/gone` },
    });
    const { id } = await server.call("POST", "/v1/tasks/fails/run", {});
    while ((await server.call("GET", `/v1/runs/${id}`)).state !== "dead");
    await server.call("PATCH", "/v1/tasks/fails", { target: { url: `${target.url}/ok` } });
    await page.goto(`${server.url}/#/dead`);
    await page.getByRole("link", { name: "fails", exact: true }).waitFor();
    await page.goto(`${server.url}/#/runs/${id}`);
    await page.getByRole("button", { name: "Redrive …" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Redrive", exact: true }).click();
    await page.locator(".toolbar").getByText("succeeded").waitFor();
    await page.getByText("redriven", { exact: false }).first().waitFor();
  }));

test("the preview tells what the change of clocks does", () =>
  withPage(async (page) => {
    await page.goto(`${server.url}/#/new`);
    await page.getByRole("button", { name: /cron/i }).first().click();
    await page.getByLabel(/^Cron/).fill("30 2 28 3 *");
    await page.getByLabel(/^Time zone/).fill("Europe/Berlin");
    await page.getByText(/2027-03-28/).first().waitFor();
    await page.getByText(/02:30/).first().waitFor();
  }, { timezoneId: "America/New_York" }));

test("the stream goes on after a restart of the server", () =>
  withPage(async (page) => {
    await server.call("PUT", "/v1/tasks/lasting", { schedule: { every: "PT24H" }, target: { kind: "log" } });
    await page.goto(`${server.url}/#/tasks/lasting`);
    await page.getByRole("button", { name: "live", exact: true }).waitFor();
    await server.restart();
    await server.call("POST", "/v1/tasks/lasting/run", {});
    await page.locator("td", { hasText: "succeeded" }).first().waitFor({ timeout: 20_000 });
  }));

test("behind a proxy, under a path of its own", async () => {
  const proxy = await startProxy(server);
  const page = await openPage(browser, proxy);
  try {
    await server.call("PUT", "/v1/tasks/proxied", { schedule: { every: "PT24H" }, target: { kind: "log" } });
    await page.goto(`${proxy.url}/#/tasks/proxied`);
    await page.getByRole("button", { name: "live", exact: true }).waitFor();
    await server.call("POST", "/v1/tasks/proxied/run", {});
    await page.locator("td", { hasText: "succeeded" }).first().waitFor();
    assert.deepEqual(page.faults, []);
  } finally {
    await page.context().close();
    proxy.closeAllConnections();
    proxy.close();
  }
});

test("from nothing to a task with the keyboard alone", async () => {
  const empty = await TestServer.start();
  const page = await openPage(browser, empty);
  try {
    await page.goto(`${empty.url}/`);
    await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
    await page.keyboard.press("n");
    await page.getByRole("heading", { level: 1, name: "New task" }).waitFor();
    const tabTo = async (label) => {
      for (let i = 0; i < 80; ++i) {
        await page.keyboard.press("Tab");
        const found = await page.evaluate(() => {
          const it = document.activeElement;
          return (it?.labels?.[0]?.textContent ?? it?.textContent ?? "").trim();
        });
        if (label.test(found)) return;
      }
      assert.fail(`the keyboard does not come to ${label}`);
    };
    await tabTo(/^Id/);
    await page.keyboard.type("by-keyboard");
    await tabTo(/^Cron/);
    await page.keyboard.press("Control+A");
    await page.keyboard.type("0 9 * * 1-5");
    await tabTo(/^(URL)/);
    await page.keyboard.type(`${target.url}/ok`);
    await tabTo(/^Create/);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: "by-keyboard" }).waitFor();
    assert.equal((await empty.call("GET", "/v1/tasks/by-keyboard")).target.url, `${target.url}/ok`);
  } finally {
    await page.context().close();
    await empty.end();
  }
});

test("a key opens a server that asks for one, and only what it may", async () => {
  // The first key is made on the machine itself; until then --dev asks for none.
  const locked = await TestServer.start();
  const made = await locked.call("POST", "/v1/keys", { name: "root", scopes: ["keys:admin", "tasks:read", "tasks:write", "runs:read"] });
  const page = await openPage(browser, locked);
  try {
    await page.goto(`${locked.url}/`);
    await page.getByRole("heading", { level: 1, name: "Sign in" }).waitFor();
    await page.getByLabel("API key").fill("hw_wrong");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("alert").waitFor();
    await page.getByLabel("API key").fill(made.key);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
    assert.equal(await page.getByRole("link", { name: "Audit" }).count(), 0, "it may not read the audit log");
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("heading", { level: 1, name: "Sign in" }).waitFor();
  } finally {
    await page.context().close();
    await locked.end();
  }
});
