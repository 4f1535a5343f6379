// Due times become bars: each is counted in the step that it falls in.
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./bundle.mjs";

const { binsOf, busiestSecond, labelsOfLines, labelText } = await load("timeline/timeline_bins.ts", "view/label_lines.ts");

const kMinute = 60_000;
const kAt = Date.parse("2026-11-29T10:07:00Z");

function gathered(dues, spanMs = 60 * kMinute) {
  return { at: kAt, end: kAt + spanMs, dues, tasks: dues.length, paused: 0, complete: true };
}

test("steps begin at whole ones of the zone", () => {
  const [utc] = binsOf(gathered([]), 120 * kMinute, 0);
  assert.equal(new Date(utc.from).toISOString(), "2026-11-29T10:00:00.000Z");
  const [berlin] = binsOf(gathered([]), 120 * kMinute, 60 * kMinute);
  assert.equal(new Date(berlin.from).toISOString(), "2026-11-29T09:00:00.000Z");
});

test("the steps cover the whole span", () => {
  const bins = binsOf(gathered([]), 15 * kMinute, 0);
  assert.ok(bins[0].from <= kAt);
  assert.ok(bins.at(-1).to >= kAt + 60 * kMinute);
});

test("each due time is counted once, with its task", () => {
  const bins = binsOf(gathered([{ id: "a", times: [kAt, kAt + 8 * kMinute] }, { id: "b", times: [kAt] }]), 15 * kMinute, 0);
  assert.deepEqual(bins.slice(0, 2).map((bin) => bin.count), [2, 1]);
  assert.deepEqual([...bins[0].tasks.keys()], ["a", "b"]);
  assert.deepEqual(busiestSecond(bins[0]), { at: kAt, count: 2 });
});

test("what is not told is estimated up to the end", () => {
  const rest = { from: kAt + 8 * kMinute, everyMs: 1_000 };
  const bins = binsOf(gathered([{ id: "a", times: [kAt], rest }]), 15 * kMinute, 0);
  assert.deepEqual(bins.map((bin) => bin.count), [1, 900, 900, 900, 420]);
  assert.deepEqual(bins.map((bin) => bin.estimated), [false, true, true, true, true]);
});

test("a pile is far above the mean", () => {
  const bins = binsOf(gathered([{ id: "a", times: Array(40).fill(kAt + 8 * kMinute).concat(kAt) }]), 15 * kMinute, 0);
  assert.deepEqual(bins.map((bin) => bin.pile), [false, true, false, false, false]);
});

test("a pile-up is seen under a steady pace", () => {
  const steady = Array.from({ length: 3_600 }, (_, i) => kAt + i * 1_000);
  const at = kAt + 30 * kMinute;
  const bins = binsOf(gathered([{ id: "steady", times: steady }, { id: "pile", times: Array(50).fill(at) }]), 15 * kMinute, 0);
  assert.deepEqual(bins.map((bin) => bin.pile), bins.map((bin) => bin.from <= at && at < bin.to));
});

test("the first and the last bar say what of them was looked at", () => {
  const bins = binsOf(gathered([]), 15 * kMinute, 0);
  assert.equal(bins[0].begin, kAt);
  assert.equal(bins.at(-1).end, kAt + 60 * kMinute);
});

test("labels are read line by line", () => {
  assert.deepEqual(labelsOfLines("team: billing\n\n url=http://x:1"), { team: "billing", url: "http://x:1" });
  assert.equal(labelsOfLines(" \n"), undefined);
  assert.equal(labelText({ team: "billing", env: "prod" }), "team:billing, env:prod");
});
