// What is meant once is sent under one key.
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./bundle.mjs";

const { Intent } = await load("api/intent.ts");

test("the same goes under the same key until it is done", () => {
  const intent = new Intent();
  const first = intent.keyFor("a");
  assert.match(first, /^[0-9a-f]{32}$/);
  assert.equal(intent.keyFor("a"), first);
  intent.done();
  assert.notEqual(intent.keyFor("a"), first);
});

test("what was changed before it was sent again goes under another key", () => {
  const intent = new Intent();
  assert.notEqual(intent.keyFor("a"), intent.keyFor("b"));
});
