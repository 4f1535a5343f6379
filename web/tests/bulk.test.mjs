// Changes of all tasks that match: what breaks off goes on where it stopped.
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./bundle.mjs";

const { FilterBulk, NamedBulk } = await load("tasks/bulk.ts");

globalThis.document = { baseURI: "http://127.0.0.1/" };
const { signal } = new AbortController();

// Answers in turn; a number is the status of a refusal. What was asked.
function server(t, answers) {
  const asked = [];
  t.mock.method(globalThis, "fetch", async (_, { headers, body }) => {
    const { page_token: token, operations } = JSON.parse(body);
    asked.push({ token, operations, key: headers.get("Idempotency-Key") });
    const answer = answers[asked.length - 1];
    if (typeof answer === "number") return new Response("{}", { status: answer });
    return Response.json(answer);
  });
  return asked;
}
const part = (changed, next) => ({ matched: changed, changed, failed: 0, done: !next, next_page_token: next });

test("a page that fails is asked for again under its key, and none before it", async (t) => {
  const asked = server(t, [part(5, "t1"), 500, part(3, "t2"), part(1)]);
  const bulk = new FilterBulk({ filter: {}, action: "run" });
  await assert.rejects(bulk.run(signal));
  assert.equal(bulk.changed, 5);
  await bulk.run(signal);
  assert.equal(bulk.changed, 9);
  assert.deepEqual(asked.map(({ token }) => token), [undefined, "t1", "t1", "t2"]);
  assert.equal(asked[1].key, asked[2].key);
  assert.equal(new Set(asked.map(({ key }) => key)).size, 3);
  await bulk.run(signal);
  assert.equal(asked.length, 4, "what is done is done");
});

test("it waits where the server had no time, and stops when nobody waits for it", async (t) => {
  const asked = server(t, Array(100).fill(part(0, "t1")));
  const stop = new AbortController();
  const going = new FilterBulk({ filter: {}, action: "run" }).run(stop.signal);
  setTimeout(() => stop.abort(), 50);
  await assert.rejects(going);
  assert.equal(asked.length, 1);
});

test("named tasks that the server refuses are counted, with the first reason", async (t) => {
  server(t, [{ results: [{ status: 200, id: "a" }, { status: 404, id: "b", problem: { detail: "There is none." } }] }]);
  const bulk = new NamedBulk([{ op: "pause", id: "a" }, { op: "pause", id: "b" }]);
  await bulk.run(signal);
  assert.deepEqual([bulk.changed, bulk.failed, bulk.first.problem.detail], [1, 1, "There is none."]);
});
