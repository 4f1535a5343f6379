// What is due next, from a list that is in another order.
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./bundle.mjs";

const { soonest } = await load("tasks/soonest.ts");

globalThis.document = { baseURI: "http://127.0.0.1/" };
const { signal } = new AbortController();
const due = (id, minutes) => ({ id, next_due_at: new Date(Date.now() + minutes * 60_000).toISOString() });

// A server whose pages hold `size` tasks, before the filter.
function server(t, tasks, size) {
  return t.mock.method(globalThis, "fetch", async (url) => {
    const query = new URL(url).searchParams;
    const at = Number(query.get("page_token") ?? 0);
    const found = tasks.slice(at, at + size).filter((task) => task.next_due_at < query.get("next_due_before"));
    return Response.json({ tasks: found, ...(at + size < tasks.length ? { next_page_token: String(at + size) } : {}) });
  });
}

test("those at the end of the list are found, behind empty pages", async (t) => {
  server(t, [...Array.from({ length: 50 }, (_, i) => due(`far-${i}`, 1e6)), due("b", 4), due("a", 3)], 10);
  const { tasks, complete } = await soonest(signal);
  assert.deepEqual(tasks.map((task) => task.id), ["a", "b"]);
  assert.equal(complete, true);
});

test("eight are told, the soonest first", async (t) => {
  server(t, Array.from({ length: 20 }, (_, i) => due(`t${i}`, 20 - i)), 5);
  const { tasks } = await soonest(signal);
  assert.deepEqual(tasks.map((task) => task.id), [19, 18, 17, 16, 15, 14, 13, 12].map((i) => `t${i}`));
});

test("nothing is said to be due only when all were looked at", async (t) => {
  server(t, [], 10);
  assert.deepEqual(await soonest(signal), { tasks: [], complete: true });
  let now = 0;
  t.mock.method(performance, "now", () => (now += 2_000));
  server(t, Array(100).fill(due("far", 1e6)), 10);
  assert.deepEqual(await soonest(signal), { tasks: [], complete: false });
});

test("what a pause holds is not due", async (t) => {
  const held = [{ ...due("own", 1), paused: {} }, { ...due("many", 1), paused_by: { id: "p" } }];
  server(t, [...held, { ...due("free", 2), paused: null }], 10);
  const { tasks } = await soonest(signal);
  assert.deepEqual(tasks.map((task) => task.id), ["free"]);
});
