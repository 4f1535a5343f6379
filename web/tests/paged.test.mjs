// Lists by pages: a page is put to the rows as they are when it comes.
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./bundle.mjs";

const { empty, withPage, search } = await load("view/paged.ts");

const kFirst = { rows: ["a", "b"], next: "t1" };

test("a page that comes is put behind what the rows have become meanwhile", () => {
  const asked = withPage(empty("all"), kFirst, true);
  const changed = { ...asked, rows: ["b"] }; // "a" was deleted after the next page had been asked for
  const { rows, ended, pages } = withPage(changed, { rows: ["c"], next: undefined }, false);
  assert.deepEqual(rows, ["b", "c"]);
  assert.equal(ended, true);
  assert.equal(pages, 2);
});

test("a first page takes the place of all that was there, and of a problem", () => {
  const before = { ...withPage(empty("all"), kFirst, true), problem: new Error("unreachable") };
  const after = withPage(before, { rows: ["z"], next: "t9" }, true);
  assert.deepEqual(after.rows, ["z"]);
  assert.equal(after.pages, 1);
  assert.equal(after.problem, undefined);
  assert.equal(after.ended, false);
});

test("empty pages are passed over until one has rows or the list ends", async () => {
  const pages = { none: { rows: [], next: "t1" }, t1: { rows: [], next: "t2" }, t2: { rows: ["a"], next: "t3" } };
  const asked = [];
  const read = async (token = "none") => (asked.push(token), pages[token]);
  assert.deepEqual(await search(read, undefined, new AbortController().signal), pages.t2);
  assert.deepEqual(asked, ["none", "t1", "t2"]);
  assert.deepEqual(await search(async () => ({ rows: [], next: undefined })), { rows: [], next: undefined });
});

test("a search that finds nothing gives up where it came to", async () => {
  const page = await search(async () => ({ rows: [], next: "on" }), undefined, undefined, 0);
  assert.deepEqual(page, { rows: [], next: "on" });
});
