// Many things in several requests: none is lost, and none is sent under two keys.
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./bundle.mjs";

const { Pieces, Problem, linesOf, fitting } = await load("api/pieces.ts", "api/client.ts", "tasks/import.ts");

const kThings = Array.from({ length: 10 }, (_, i) => i);
const { signal } = new AbortController();
const waited = [];
const pieces = () => new Pieces([...kThings], () => 4, async (ms) => void waited.push(ms));
const nothing = { again: [], waitS: 0 };

test("what is too much at once goes in halves, also all that follows", async () => {
  const sent = [];
  await pieces().send(async (piece) => {
    if (piece.length > 2) throw new Problem(413, "payload-too-large", "too many");
    sent.push(piece);
    return nothing;
  }, signal);
  assert.deepEqual(sent, [[0, 1], [2, 3], [4, 5], [6, 7], [8, 9]]);
});

test("what there was no room for is sent again after a while", async () => {
  waited.length = 0;
  const sent = [];
  await pieces().send(async (piece) => {
    sent.push(piece);
    return sent.length === 1 ? { again: [1, 3], waitS: 2 } : nothing;
  }, signal);
  assert.deepEqual(sent, [[0, 1, 2, 3], [1, 3], [4, 5, 6, 7], [8, 9]]);
  assert.deepEqual(waited, [2_000]);
});

test("it does not wait for ever", async () => {
  let tries = 0;
  const refuse = async () => {
    ++tries;
    throw new Problem(503, "overloaded", "busy", [], "", 1);
  };
  await assert.rejects(pieces().send(refuse, signal), /busy/);
  assert.equal(tries, 10);
});

test("what broke off goes on where it stopped, under the same key", async () => {
  const work = pieces();
  const asked = [];
  const ask = async (piece, key) => {
    asked.push([piece[0], key]);
    if (asked.length === 2) throw new Problem(0, "unreachable", "no answer");
    return nothing;
  };
  await assert.rejects(work.send(ask, signal), /no answer/);
  await work.send(ask, signal);
  assert.deepEqual(asked.map(([first]) => first), [0, 4, 4, 8]);
  assert.equal(asked[1][1], asked[2][1]);
  assert.equal(new Set(asked.map(([, key]) => key)).size, 3);
});

test("lines are counted as in the file, and fit into a request", () => {
  assert.deepEqual(linesOf('{"id":"a"}\n\n  \n{"id":"b"}\n').map((line) => line.number), [1, 4]);
  const long = { number: 1, text: "x".repeat(2_000_000) };
  assert.equal(fitting([long, long]), 1);
  assert.equal(fitting(Array(3_000).fill({ number: 1, text: "{}" })), 1_000);
  assert.equal(fitting(Array(10).fill({ number: 1, text: "x".repeat(300 * 1024) })), 3 - 1);
  assert.equal(fitting([]), 0);
});
