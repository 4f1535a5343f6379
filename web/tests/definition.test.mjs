// The form of the task editor keeps what it was given, and changes only what was changed.
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./bundle.mjs";

const { formOf, textOf, definitionOf, withValue, complaints, scheduleText, hasUnusual, testTaskText, differences, curlOf } =
  await load("editor/definition.ts", "editor/test_task.ts", "editor/differences.ts", "view/curl.ts");

const kTask = `{"id":"daily","type":"recurring","schedule":{"cron":"0 9 * * *","timezone":"Europe/Berlin","new_option":12345678901234567890},
 "labels":{"team":"billing"},
 "target":{"kind":"http","url":"http://a.example/","method":"POST","headers":{"X-A":"1"},"sign":true,"auth":null,"later":{"a":1.0}},
 "payload":{"n": 12345678901234567890,  "x":1.0},
 "retry":{"max_attempts":5,"backoff":["PT1S","PT10S"],"multiplier":2,"retry_on":[404,"300-399"]},
 "misfire":"skip","unknown_member":[1,  2],"paused":null,"state":"active","version":7,"upcoming":["x"]}`;

const parsed = (form) => JSON.parse(textOf(form));

test("output-only members go, and all others stay", () => {
  const definition = JSON.parse(definitionOf(kTask));
  for (const name of ["state", "version", "upcoming", "paused"]) assert.equal(name in definition, false);
  assert.deepEqual(definition.unknown_member, [1, 2]);
});

test("an untouched form writes the definition that it came from", () => {
  const definition = definitionOf(kTask);
  assert.equal(textOf(formOf(definition)), definition);
  assert.ok(definition.includes('{"n": 12345678901234567890,  "x":1.0}'));
  assert.ok(definition.includes('"new_option": 12345678901234567890'));
  assert.ok(definition.includes('"misfire": "skip"'));
});

test("a change touches its member alone", () => {
  const before = definitionOf(kTask);
  const after = textOf(withValue(formOf(before), "/retry/max_attempts", "3"));
  assert.equal(after, before.replace('"max_attempts": 5', '"max_attempts": 3'));
});

test("an id that is given to a new task stands first", () => {
  const form = withValue(formOf('{"schedule": "PT1H"}'), "/id", "hourly");
  assert.equal(textOf(form), '{\n  "id": "hourly",\n  "schedule": "PT1H"\n}');
});

test("lists are shown as text and written as lists", () => {
  const form = formOf(definitionOf(kTask));
  assert.equal(form.values["/retry/backoff"], "PT1S, PT10S");
  assert.equal(form.values["/retry/retry_on"], "404, 300-399");
  const changed = withValue(withValue(form, "/retry/backoff", "1s, 5s"), "/retry/retry_on", "409 500-599");
  assert.deepEqual(parsed(changed).retry.backoff, ["1s", "5s"]);
  assert.deepEqual(parsed(changed).retry.retry_on, [409, "500-599"]);
  assert.equal(parsed(withValue(form, "/retry/backoff", "linear")).retry.backoff, "linear");
});

test("another kind of schedule takes the options along that both have, and not the type", () => {
  const cron = withValue(withValue(formOf(definitionOf(kTask)), "/schedule/jitter", "PT30S"), "/schedule/dom_dow", "and");
  const task = parsed(withValue({ ...cron, kind: "rrule" }, "/schedule/rrule", "FREQ=DAILY"));
  assert.deepEqual(task.schedule, { timezone: "Europe/Berlin", rrule: "FREQ=DAILY", jitter: "PT30S" });
  assert.equal("type" in task, false);
});

test("a schedule that is a string is known for what it is, and stays one until it is changed", () => {
  const kinds = [
    ['"2030-01-01T00:00:00Z"', "", "at"],
    ['"*/5 * * * *"', "", "cron"],
    ['"@daily"', "", "cron"],
    ['"PT15M"', "", "every"],
    ['"PT15M"', ', "type": "one-time"', "delay"],
  ];
  for (const [schedule, type, kind] of kinds) {
    const form = formOf(`{"schedule": ${schedule}${type}}`);
    assert.equal(form.kind, kind, schedule);
    assert.equal(parsed(form).schedule, JSON.parse(schedule));
  }
  const changed = withValue(formOf('{"schedule": "PT15M"}'), "/schedule/every", "PT20M");
  assert.deepEqual(parsed(changed).schedule, { every: "PT20M" });
});

test("a misfire policy by its name becomes an object when more is said", () => {
  const form = formOf('{"schedule": "PT15M", "misfire": "skip"}');
  const changed = withValue(withValue(form, "/misfire/policy", "fire_all"), "/misfire/max_count", "4");
  assert.deepEqual(parsed(changed).misfire, { policy: "fire_all", max_count: 4 });
});

test("a log target has nothing but its kind, and the form remembers the rest", () => {
  const form = formOf(definitionOf(kTask));
  const log = withValue(form, "/target/kind", "log");
  assert.deepEqual(parsed(log).target, { kind: "log" });
  assert.equal(parsed(withValue(log, "/target/kind", "http")).target.url, "http://a.example/");
});

test("an object goes with the member that it is for", () => {
  const base = `{"schedule": "PT1H", "target": {"kind": "http", "url": "http://a.example/",
    "auth": {"type": "basic", "username": "u", "secret": "s"}, "completion": {"timeout": "PT1H", "heartbeat": "PT1M"}},
    "callbacks": {"on_success": {"url": "http://b.example/", "method": "PUT", "headers": {"a": "b"}}}}`;
  const form = formOf(base);
  assert.deepEqual(parsed(withValue(form, "/target/auth/type", "bearer")).target.auth, { type: "bearer", secret: "s" });
  assert.equal("auth" in parsed(withValue(form, "/target/auth/type", "")).target, false);
  assert.equal("completion" in parsed(withValue(form, "/target/completion/timeout", "")).target, false);
  assert.equal("callbacks" in parsed(withValue(form, "/callbacks/on_success/url", "")), false);
});

test("how many runs are kept is a member of an object, or nothing", () => {
  const form = formOf(`{"schedule": "PT1H", "retention": null}`);
  assert.equal(form.values["/retention/count"], "");
  const kept = withValue(form, "/retention/count", "50");
  assert.deepEqual(parsed(kept).retention, { count: 50 });
  assert.equal("retention" in parsed(withValue(formOf(`{"schedule": "PT1H", "retention": {"count": 5}}`), "/retention/count", "")), false);
});

test("labels and header fields are written when they were changed", () => {
  const form = formOf(definitionOf(kTask));
  const rows = { "/labels": [{ name: "team", value: "ops" }, { name: "", value: "" }], "/target/headers": [] };
  const task = parsed({ ...form, rows });
  assert.deepEqual(task.labels, { team: "ops" });
  assert.equal("headers" in task.target, false);
});

test("a payload is sent as it was typed", () => {
  const form = formOf(definitionOf(kTask));
  const text = '{"big":900719925474099312345,\n   "a" : 1.50}';
  assert.ok(textOf({ ...form, payload: { kind: "json", text, contentType: "" } }).includes(`"payload": ${text}`));
  const plain = parsed({ ...form, payload: { kind: "text", text: 'a "b"\n', contentType: "text/csv" } });
  assert.equal(plain.payload_text, 'a "b"\n');
  assert.equal(plain.content_type, "text/csv");
  assert.equal("payload" in plain, false);
});

test("what is no JSON and what is there twice is complained of", () => {
  const form = formOf(definitionOf(kTask));
  assert.deepEqual(complaints(form), []);
  const twice = [{ name: "a", value: "1" }, { name: "a", value: "2" }];
  const bad = { ...form, payload: { kind: "json", text: "{", contentType: "" }, rows: { ...form.rows, "/labels": twice } };
  assert.deepEqual(complaints(bad).map(({ pointer }) => pointer), ["#/payload", "#/labels/a"]);
});

test("a payload that is no JSON leaves the schedule's preview alone", () => {
  const form = { ...formOf(definitionOf(kTask)), payload: { kind: "json", text: "{", contentType: "" } };
  assert.equal(JSON.parse(scheduleText(form)).cron, "0 9 * * *");
  assert.equal(scheduleText(withValue(form, "/schedule/cron", "")), undefined);
});

test("excluded days are lines", () => {
  const base = '{"schedule": {"every": "PT1H", "exclude": ["2030-12-25", {"from": "2030-01-01T00:00:00Z", "to": "2030-01-02T00:00:00Z"}]}}';
  const form = formOf(base);
  assert.equal(form.values["/schedule/exclude"], "2030-12-25\n2030-01-01T00:00:00Z/2030-01-02T00:00:00Z");
  const changed = withValue(form, "/schedule/exclude", "2031-01-01\na/b");
  assert.deepEqual(parsed(changed).schedule.exclude, ["2031-01-01", { from: "a", to: "b" }]);
});

test("groups open for what is not the default", () => {
  const form = formOf(definitionOf(kTask));
  assert.equal(hasUnusual(form, "tls"), false);
  assert.equal(hasUnusual(form, "retry"), true);
  assert.equal(hasUnusual(formOf('{"schedule": "PT1H", "retry": {"max_attempts": 5}}'), "retry"), false);
});

test("a test sends the same, once", () => {
  const text = testTaskText(formOf(definitionOf(kTask)), "test-1");
  const task = JSON.parse(text);
  assert.deepEqual(task.labels, { team: "billing", "test-of": "daily" });
  assert.deepEqual(task.retry, { max_attempts: 1 });
  assert.equal(task.target.url, "http://a.example/");
  assert.ok(text.includes('{"n": 12345678901234567890,  "x":1.0}'));
});

test("differences are what the others changed, beside mine", () => {
  const before = definitionOf(kTask);
  const theirs = textOf(withValue(formOf(before), "/description", "theirs"));
  const mine = textOf(withValue(formOf(before), "/retry/max_attempts", "3"));
  assert.deepEqual(differences(before, theirs, mine), [
    { pointer: "/description", before: undefined, theirs: '"theirs"', mine: undefined },
  ]);
});

test("a command survives quotes", () => {
  const command = curlOf({ method: "PUT", url: "http://h/v1/tasks/a", body: `{"a":"it's"}`, ifMatch: '"7"', withKey: true });
  assert.ok(command.includes(`'{"a":"it'\\''s"}'`));
  assert.ok(command.includes(`'If-Match: "7"'`));
});
