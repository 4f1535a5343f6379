// The offer of tasks that were made since: counted once each, and bounded.
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./bundle.mjs";

globalThis.document = { visibilityState: "visible" };
const { withOne, withoutOne } = await load("tasks/use_made.ts");

const kNone = { count: 0, last: [] };
const all = (ids) => ids.reduce(withOne, kNone);

test("a task that is told twice is counted once", () => {
  assert.deepEqual(all(["a", "b", "a"]), { count: 2, last: ["a", "b"] });
});

test("one that is deleted is offered no more", () => {
  assert.deepEqual(withoutOne(all(["a", "b"]), "a"), { count: 1, last: ["b"] });
  assert.deepEqual(withoutOne(all(["a"]), "b"), { count: 1, last: ["a"] });
});

test("of very many the last ones are kept", () => {
  const { count, last } = all(Array.from({ length: 1_000 }, (_, i) => `t${i}`));
  assert.equal(count, 1_000);
  assert.deepEqual([last.length, last[0], last.at(-1)], [50, "t950", "t999"]);
});
