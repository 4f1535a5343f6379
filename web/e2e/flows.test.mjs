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

// Each way that leads off the page is asked about, and takes nothing along that was not saved.
test("what was typed is left only when that was meant, and then it is not saved", () =>
  withPage(async (page) => {
    await server.call("PUT", "/v1/tasks/guarded", { description: "old", schedule: { every: "PT24H" }, target: { kind: "log" } });
    await page.goto(`${server.url}/#/tasks/guarded`);
    await page.getByRole("heading", { level: 1, name: "guarded" }).waitFor();
    await page.goto(`${server.url}/#/tasks/guarded/edit`);
    const field = page.getByLabel(/^Description/);
    await field.fill("typed");
    const dialog = page.getByRole("dialog", { name: "Leave without saving?" });
    const ways = [
      () => page.getByRole("link", { name: "Runs", exact: true }).click(),
      async () => {
        await page.getByRole("heading", { level: 1 }).click();
        await page.keyboard.press("g");
        await page.keyboard.press("t");
      },
      () => page.evaluate(() => history.back()),
      () => page.evaluate(() => (location.hash = "#/dead")),
    ];
    for (const leave of ways) {
      await leave();
      await dialog.getByRole("button", { name: "Cancel" }).click();
      await dialog.waitFor({ state: "detached" });
      assert.match(page.url(), /#\/tasks\/guarded\/edit$/);
      assert.equal(await field.inputValue(), "typed");
    }
    await page.evaluate(() => history.back());
    await dialog.getByRole("button", { name: "Leave" }).click();
    await page.getByRole("button", { name: "Definition" }).waitFor();
    assert.match(page.url(), /#\/tasks\/guarded$/, "one step back, as it was meant");
    await page.goto(`${server.url}/#/tasks/guarded/edit`);
    await field.fill("typed");
    await page.getByRole("link", { name: "Runs", exact: true }).click();
    await dialog.getByRole("button", { name: "Leave" }).click();
    await page.getByRole("heading", { level: 1, name: "Runs" }).waitFor();
    assert.equal((await server.call("GET", "/v1/tasks/guarded")).description, "old");
  }));

test("a pause of all that match says first how many they are", () =>
  withPage(async (page) => {
    const tasks = Array.from({ length: 130 }, (_, i) => `{"id":"bulk-${i}","labels":{"team":"bulk"},"schedule":{"cron":"0 9 * * *"},"target":{"kind":"log"}}`);
    await server.call("POST", "/v1/tasks:import", tasks.join("\n") + "\n");
    await page.goto(`${server.url}/#/tasks?label=team%3Abulk`);
    await page.locator("tbody tr").first().waitFor();
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

test("a task that a pause of many holds does not look as if it will run", () =>
  withPage(async (page) => {
    const task = { labels: { team: "held" }, schedule: { cron: "0 9 * * *", timezone: "Europe/Berlin" }, target: { kind: "log" } };
    await server.call("PUT", "/v1/tasks/held", task);
    const pause = await server.call("POST", "/v1/admin/pause", { reason: "moving", labels: { team: "held" } });
    await page.goto(`${server.url}/#/tasks?q=held`);
    await page.getByRole("row", { name: /held.*would be due/ }).waitFor();
    await page.goto(`${server.url}/#/tasks/held?tab=upcoming`);
    await page.getByText("Held by a pause of many tasks: moving").getByRole("link", { name: "Pauses" }).waitFor();
    await page.getByText("would be due").waitFor();
    await page.getByRole("cell", { name: "held: paused" }).first().waitFor();
    assert.equal(await page.getByText("on time").count(), 0);
    assert.equal(await page.title(), "held – Task – Hourwheel");
    await server.call("DELETE", `/v1/admin/pauses/${pause.id}`);
  }));

test("why is asked about the instant within the second that was typed", () =>
  withPage(async (page) => {
    const anchor = new Date(Math.floor(Date.now() / 3_600_000) * 3_600_000 - 3_599_250); // 750 ms past a full second
    const schedule = { every: "PT1H", anchor: anchor.toISOString() };
    await server.call("PUT", "/v1/tasks/within", { schedule, target: { kind: "log" } });
    const next = (await server.call("GET", "/v1/tasks/within")).next_due_at;
    await page.goto(`${server.url}/#/tasks/within?tab=why`);
    await page.getByLabel(/^When should/).fill(next.slice(0, 19));
    await page.getByRole("button", { name: "Ask", exact: true }).click();
    await page.locator(".notice strong", { hasText: "upcoming" }).waitFor();
  }, { timezoneId: "UTC" }));

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

test("a dead letter that is redriven hands the focus to the next one", () =>
  withPage(async (page) => {
    await server.call("PUT", "/v1/tasks/fails-twice", {
      schedule: { every: "PT24H" },
      target: { kind: "http", url: `${target.url}/gone` },
      overlap: "allow",
    });
    for (let i = 0; i < 2; ++i) {
      const { id } = await server.call("POST", "/v1/tasks/fails-twice/run", {});
      while ((await server.call("GET", `/v1/runs/${id}`)).state !== "dead");
    }
    await server.call("PATCH", "/v1/tasks/fails-twice", { target: { url: `${target.url}/ok` } });
    await page.goto(`${server.url}/#/dead?task_id=fails-twice`);
    const buttons = page.locator("tbody").getByRole("button", { name: /^Redrive/ });
    const confirm = () => page.getByRole("dialog").getByRole("button", { name: "Redrive", exact: true }).click();
    await buttons.nth(1).waitFor();
    await buttons.nth(0).focus();
    await page.keyboard.press("Enter");
    await confirm();
    await page.waitForFunction(() => document.querySelectorAll("tbody tr").length === 1);
    await page.waitForFunction(() => document.activeElement.matches("tbody button"));
    await page.keyboard.press("Enter");
    await confirm();
    await page.getByText("Nothing has died").or(page.getByText("No dead letter matches")).waitFor();
    await page.waitForFunction(() => document.activeElement.id === "main");
    await page.getByText("The run of fails-twice succeeded.").waitFor();
  }));

// The last Sunday of March: there is no 02:30 in Berlin then.
function nextSummerTime() {
  for (let year = new Date().getUTCFullYear(); ; ++year) {
    const day = new Date(Date.UTC(year, 2, 31, 1));
    day.setUTCDate(31 - day.getUTCDay());
    if (day > Date.now()) return day;
  }
}

test("the preview tells what the change of clocks does", () =>
  withPage(async (page) => {
    await page.goto(`${server.url}/#/new`);
    await page.getByRole("button", { name: /cron/i }).first().click();
    await page.getByLabel(/^Cron/).fill(`30 2 ${nextSummerTime().getUTCDate()} 3 *`);
    await page.getByLabel(/^Time zone/).fill("Europe/Berlin");
    await page.getByText(/The clocks go forward over \d{4}-03-\d\d 02:30/).first().waitFor();
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

test("a session that ends takes nothing along that was typed", async () => {
  const locked = await TestServer.start();
  await locked.call("PUT", "/v1/tasks/kept", { schedule: { every: "PT24H" }, target: { kind: "log" } });
  const scopes = ["keys:admin", "tasks:read", "tasks:write"];
  const { key } = await locked.call("POST", "/v1/keys", { name: "root", scopes });
  const page = await openPage(browser, locked);
  const signIn = async (where) => {
    await where.getByLabel("API key").fill(key);
    await where.getByRole("button", { name: "Sign in" }).click();
  };
  try {
    await page.goto(`${locked.url}/#/tasks/kept/edit`);
    // Behind the preview nothing asks by itself, so that the press is what meets the end.
    await Promise.all([page.waitForResponse(/schedules:preview/), signIn(page)]);
    await page.getByLabel(/^Description/).fill("typed");
    await locked.restart();
    await page.getByRole("button", { name: "Save" }).click();
    const dialog = page.getByRole("dialog", { name: "The session is over" });
    await signIn(dialog);
    await dialog.waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("heading", { level: 1, name: "kept", exact: true }).waitFor();
    await page.getByText("typed").waitFor();
    assert.deepEqual(page.faults, []);
  } finally {
    await page.context().close();
    await locked.end();
  }
});

test("a new key stays until it is said to be kept", async () => {
  const open = await TestServer.start();
  const page = await openPage(browser, open);
  try {
    await page.goto(`${open.url}/#/keys`);
    await page.getByRole("button", { name: "New key …" }).click();
    await page.getByLabel(/^Name/).fill("mine");
    await page.getByRole("checkbox", { name: /^keys:admin/ }).uncheck();
    const make = page.getByRole("button", { name: "Make the key" });
    assert.ok(await make.isDisabled(), "the first key without it is asked about");
    await page.getByRole("checkbox", { name: /^keys:admin/ }).check();
    await make.click();
    const dialog = page.getByRole("dialog", { name: "The key mine" });
    await dialog.waitFor();
    for (let i = 0; i < 3; ++i) await page.keyboard.press("Escape");
    await page.evaluate(() => (location.hash = "#/tasks"));
    await page.waitForURL(/#\/keys$/);
    assert.ok(await dialog.evaluate((it) => it.open));
    await dialog.getByLabel(/safe place/).check();
    await dialog.getByRole("button", { name: "Done" }).click();
    await page.getByRole("cell", { name: "mine" }).or(page.getByRole("rowheader", { name: "mine" })).first().waitFor();
    assert.deepEqual(page.faults, []);
  } finally {
    await page.context().close();
    await open.end();
  }
});

test("single keys do nothing once they are switched off", () =>
  withPage(async (page) => {
    await page.goto(`${server.url}/#/preferences`);
    await page.getByRole("group", { name: "Keyboard shortcuts" }).getByLabel(/^Off/).check();
    await page.getByRole("heading", { level: 1 }).click();
    await page.keyboard.press("?");
    await page.keyboard.press("n");
    assert.match(page.url(), /#\/preferences$/);
    assert.equal(await page.getByRole("dialog").count(), 0);
  }));

test("a run that dies again is redriven again", () =>
  withPage(async (page) => {
    const goesTo = (path) => ({ schedule: { every: "PT24H" }, target: { kind: "http", url: target.url + path } });
    await server.call("PUT", "/v1/tasks/dies-twice", goesTo("/gone"));
    const { id } = await server.call("POST", "/v1/tasks/dies-twice/run", {});
    const died = async (times) => {
      for (;;) {
        const run = await server.call("GET", `/v1/runs/${id}`);
        if (run.state === "dead" && run.redrive_count === times) return;
      }
    };
    await died(0);
    await page.goto(`${server.url}/#/runs/${id}`);
    const redrive = async () => {
      await page.getByRole("button", { name: "Redrive …" }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Redrive", exact: true }).click();
    };
    await redrive();
    await died(1);
    await page.getByText("1×").waitFor();
    await server.call("PUT", "/v1/tasks/dies-twice", goesTo("/ok"));
    await redrive();
    await page.locator(".toolbar").getByText("succeeded").waitFor();
    await page.getByText("2×").waitFor();
  }));

test("a file of tasks is imported in pieces, and says which of its lines are refused", () =>
  withPage(async (page) => {
    const lines = Array.from({ length: 1_200 }, (_, i) => `{"id":"in-${i}","schedule":"@daily","target":{"kind":"log"}}`);
    lines.splice(1, 0, ""); // passed over, and counted
    lines[1_100] = '{"id":"in-bad","schedule":"@never"}';
    await page.goto(`${server.url}/#/tasks?q=in-1199`);
    await page.getByText("No task matches").waitFor();
    await page.getByRole("button", { name: "Import …" }).click();
    const dialog = page.getByRole("dialog");
    const buffer = Buffer.from(lines.join("\r\n"));
    await dialog.getByLabel("File").setInputFiles({ name: "tasks.ndjson", mimeType: "application/x-ndjson", buffer });
    await dialog.getByRole("button", { name: "Import" }).click();
    await dialog.getByText("1\u2009199 of 1\u2009200 lines taken, 1 refused.").waitFor();
    await dialog.getByRole("listitem").filter({ hasText: "Line 1101" }).waitFor();
    await dialog.getByRole("button", { name: "Cancel" }).click();
    await page.getByRole("link", { name: "in-1199", exact: true }).waitFor();
  }));

test("tasks that are made meanwhile are shown when they are wanted, if they match", () =>
  withPage(async (page) => {
    const make = (id, team) => server.call("PUT", `/v1/tasks/${id}`, { schedule: "@daily", labels: { team }, target: { kind: "log" } });
    await make("old", "Köln, Bonn: west");
    await page.goto(`${server.url}/#/tasks/old`);
    await page.getByRole("link", { name: "team:Köln, Bonn: west" }).click();
    await page.getByRole("row", { name: /old/ }).waitFor();
    await page.getByRole("button", { name: "live", exact: true }).waitFor();
    await Promise.all([make("new-1", "Köln, Bonn: west"), make("new-2", "else"), make("new-3", "Köln, Bonn: west")]);
    await page.getByRole("button", { name: "3 new tasks since: show those that match" }).click();
    await page.getByText("2 new tasks are shown first.").waitFor();
    assert.equal(await page.locator("tbody tr").count(), 3);
    assert.equal(await page.getByRole("link", { name: "new-2" }).count(), 0);
    await make("new-4", "Köln, Bonn: west");
    await page.getByRole("button", { name: "1 new task since: show those that match" }).click();
    await page.locator("tbody tr").first().getByRole("link", { name: "new-4", exact: true }).waitFor();
  }));

test("one stream serves page after page", () =>
  withPage(async (page) => {
    let streams = 0;
    page.on("request", (request) => (streams += request.url().includes("/v1/changes") ? 1 : 0));
    await page.goto(`${server.url}/#/tasks`);
    await page.getByRole("button", { name: "live", exact: true }).waitFor();
    for (const name of ["Runs", "Overview", "Server", "Tasks"]) {
      await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name, exact: true }).click();
      await page.getByRole("heading", { level: 1, name, exact: true }).waitFor();
    }
    await server.call("PUT", "/v1/tasks/streamed", { schedule: "@daily", target: { kind: "log" } });
    await page.getByRole("button", { name: "1 new task since: show" }).waitFor();
    assert.equal(streams, 1);
  }));

test("the question for a key comes again after it was put away", async () => {
  const locked = await TestServer.start();
  await locked.call("PUT", "/v1/tasks/asked", { schedule: "@daily", target: { kind: "log" } });
  const scopes = ["keys:admin", "tasks:read", "tasks:write"];
  const { key } = await locked.call("POST", "/v1/keys", { name: "root", scopes });
  const page = await openPage(browser, locked);
  const signIn = async () => {
    await page.getByLabel("API key").fill(key);
    await page.getByRole("button", { name: "Sign in" }).click();
  };
  const dialog = page.getByRole("dialog", { name: "The session is over" });
  const resume = page.getByRole("button", { name: "Resume", exact: true });
  try {
    await page.goto(`${locked.url}/#/tasks/asked`);
    await signIn();
    await page.getByRole("button", { name: "Pause …" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Pause" }).click();
    await resume.waitFor();
    await locked.restart();
    await resume.click();
    await dialog.waitFor();
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    await resume.click();
    await signIn();
    await dialog.waitFor({ state: "detached" });
    await resume.click();
    await page.getByRole("button", { name: "Pause …" }).waitFor();
  } finally {
    await page.context().close();
    await locked.end();
  }
});

test("the theme follows the browser as it changes", () =>
  withPage(async (page) => {
    await page.goto(`${server.url}/#/preferences`);
    await page.locator("html[data-theme=light]").waitFor();
    await page.emulateMedia({ colorScheme: "dark" });
    await page.locator("html[data-theme=dark]").waitFor();
  }, { colorScheme: "light" }));
