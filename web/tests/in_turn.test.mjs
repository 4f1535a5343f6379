// Work in turns: what is asked for again and again is done, and not more often than it should be.
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./bundle.mjs";

const { inTurn } = await load("view/in_turn.ts");

function steps() {
  const ends = [];
  const begun = [];
  const work = (signal) => new Promise((end) => (begun.push(signal), ends.push(end)));
  return { ends, begun, work };
}
const soon = () => new Promise((resolve) => setTimeout(resolve, 5));

test("who asks while it runs neither stops it nor is forgotten", async () => {
  const { ends, begun, work } = steps();
  const turns = inTurn(work, 0);
  for (let i = 0; i < 5; ++i) turns.ask();
  assert.equal(begun.length, 1);
  assert.equal(begun[0].aborted, false);
  ends[0]();
  await soon();
  assert.equal(begun.length, 2);
  ends[1]();
  await soon();
  assert.equal(begun.length, 2);
  turns.stop();
});

test("it rests before the next turn", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  let count = 0;
  const turns = inTurn(async () => void ++count);
  turns.ask();
  turns.ask();
  await Promise.resolve();
  await Promise.resolve();
  t.mock.timers.tick(900);
  assert.equal(count, 1);
  t.mock.timers.tick(100);
  assert.equal(count, 2);
  turns.stop();
});

test("after a stop nothing is begun", async () => {
  const { ends, begun, work } = steps();
  const turns = inTurn(work, 0);
  turns.ask();
  turns.ask();
  turns.stop();
  ends[0]();
  await soon();
  assert.equal(begun.length, 1);
  assert.equal(begun[0].aborted, true);
});
