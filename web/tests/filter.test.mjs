// The filters of the lists, as the address has them and as the server takes them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./bundle.mjs";

const { filterOf, matches, labelsOf, labelFilter } = await load("tasks/filter.ts", "view/label_filter.ts");

const kTask = {
  id: "daily-report",
  description: "Sends the report",
  state: "active",
  schedule_kind: "cron",
  labels: { team: "billing", place: "Bonn, on: the Rhine" },
  target: { kind: "http", url: "https://hooks.example.com:8443/in" },
  payload: { to: "sales" },
  next_due_at: "2026-11-29T10:00:00Z",
};

test("only what is filled in is asked for", () => {
  const query = new URLSearchParams("q=+report+&state=&label=team:billing,+env:prod&tab=runs");
  assert.deepEqual(filterOf(query), { q: "report", label: ["team:billing", "env:prod"] });
});

test("labels are parted by commas, and their values keep spaces and commas", () => {
  assert.deepEqual(labelsOf("team:billing, env:prod"), ["team:billing", "env:prod"]);
  assert.deepEqual(labelsOf("place:Bonn, on the Rhine"), ["place:Bonn, on the Rhine"]);
  assert.deepEqual(labelsOf(" , "), []);
});

test("the link of a label finds it, whatever its value", () => {
  for (const value of ["a b", "Bonn, on: the Rhine", "x, env:prod", "", "a\\b", "http://h:1/?a=b,c:d"]) {
    assert.deepEqual(labelsOf(labelFilter("place", value)), [`place:${value}`]);
  }
});

test("a new task is judged as the server does", () => {
  const yes = [
    {},
    { q: "REPORT" },
    { q: "team:bill" },
    { q: "sales" },
    { state: "paused,active", schedule_kind: "cron" },
    { label: ["team:billing", "place:Bonn, on: the Rhine"] },
    { target_host: "Hooks.example.com" },
    { last_result: "none" },
    { next_due_after: "2026-11-29T10:00:00Z", next_due_before: "2026-11-29T10:00:01Z" },
  ];
  for (const query of yes) assert.equal(matches(kTask, query), true, JSON.stringify(query));
  const no = [
    { q: "invoice" },
    { state: "paused" },
    { label: ["team:billing", "env:prod"] },
    { target_host: "example.com" },
    { last_result: "succeeded" },
    { next_due_before: "2026-11-29T10:00:00Z" },
  ];
  for (const query of no) assert.equal(matches(kTask, query), false, JSON.stringify(query));
  assert.equal(matches({ ...kTask, next_due_at: null }, { next_due_after: "2026-11-29T10:00:00Z" }), false);
});
