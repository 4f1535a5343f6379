// The one table of what the form knows of a task's definition: where a member stands, how it is
// typed, what it is when it is not there, and when it means anything. Labels, header fields and
// the payload have forms of their own.
import type { FieldType } from "./codecs.ts";

export const kKinds = ["cron", "every", "at", "delay", "rrule"] as const;
export type ScheduleKind = (typeof kKinds)[number];

export const kGroups = [
  "basics",
  "schedule",
  "options",
  "target",
  "response",
  "proof",
  "tls",
  "format",
  "retry",
  "misfire",
  "completion",
  "callbacks",
] as const;
export type Group = (typeof kGroups)[number];

export interface Field {
  pointer: string;
  group: Group;
  type: FieldType;
  label: string;
  hint?: string;
  placeholder?: string;
  choices?: readonly string[];
  empty?: string; // what the choice "" is called
  usual?: readonly string[]; // what the server takes in its place, as it may be written
  kinds?: readonly ScheduleKind[]; // of schedules
  when?: readonly [pointer: string, ...values: string[]];
  owner?: boolean; // without it the object that it stands in is nothing
  zone?: boolean;
  whole?: boolean; // as wide as the form
}

const kDurations = "As 90s, 15m, 1h30m or PT1H30M";
const kRecurring = ["cron", "every", "rrule"] as const;
const kOnClocks = ["cron", "rrule"] as const;
const kHttp = ["/target/kind", "http"] as const;
const kMethods = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const;

const kBasics: Field[] = [
  { pointer: "/id", group: "basics", type: "text", label: "Id", hint: "Letters, digits and . _ : ~ -; without one the server draws it. It stays for good." },
  { pointer: "/description", group: "basics", type: "text", label: "Description", whole: true },
];

const kSchedule: Field[] = [
  { pointer: "/schedule/cron", group: "schedule", type: "text", label: "Cron expression", kinds: ["cron"], placeholder: "0 9 * * 1-5", hint: "Minute, hour, day of month, month, day of week; seconds may stand first, a year last. H draws a value for the task; @daily and the like work too." },
  { pointer: "/schedule/every", group: "schedule", type: "text", label: "Every", kinds: ["every"], placeholder: "15m", hint: kDurations },
  { pointer: "/schedule/at", group: "schedule", type: "text", label: "At", kinds: ["at"], placeholder: "2030-01-01T09:00:00", hint: "A local date-time in the zone beside it, or an instant with its offset (2030-01-01T09:00:00Z)" },
  { pointer: "/schedule/delay", group: "schedule", type: "amount", label: "Delay", kinds: ["delay"], placeholder: "10m", hint: `So long after it is saved. ${kDurations}; a bare number is milliseconds.` },
  { pointer: "/schedule/rrule", group: "schedule", type: "text", label: "Recurrence rule", kinds: ["rrule"], placeholder: "FREQ=MONTHLY;BYDAY=-1FR", whole: true, hint: "RFC 5545; every FREQ but SECONDLY" },
  { pointer: "/schedule/timezone", group: "schedule", type: "text", label: "Time zone", kinds: ["cron", "at", "rrule"], usual: ["UTC"], placeholder: "UTC", zone: true },
];

const kOptions: Field[] = [
  { pointer: "/schedule/mode", group: "options", type: "choice", label: "Counted from", kinds: ["every"], choices: ["fixed_rate", "fixed_delay"], usual: ["fixed_rate"], hint: "fixed_rate: whatever the runs take. fixed_delay: from the end of each run." },
  { pointer: "/schedule/anchor", group: "options", type: "text", label: "Anchor", kinds: ["every"], placeholder: "2030-01-01T00:00:00Z", hint: "The instant that intervals are counted from" },
  { pointer: "/schedule/disambiguation", group: "options", type: "choice", label: "Where the clocks change", kinds: ["at"], choices: ["compatible", "earlier", "later", "reject"], usual: ["compatible"], hint: "For a local time that the clocks leave out or show twice" },
  { pointer: "/schedule/allow_past", group: "options", type: "flag", label: "Accept an instant in the past", kinds: ["at"], usual: ["false"] },
  { pointer: "/schedule/dst_gap", group: "options", type: "choice", label: "A time that the clocks leave out", kinds: kOnClocks, choices: ["", "fire_after", "skip"], empty: "as said below, or fire_after", usual: ["fire_after"], hint: "fire_after: due right after the clocks have gone forward" },
  { pointer: "/schedule/dst_overlap", group: "options", type: "choice", label: "A time that the clocks show twice", kinds: kOnClocks, choices: ["", "first", "second", "both"], empty: "as said below, or first", usual: ["first"] },
  { pointer: "/schedule/dst", group: "options", type: "choice", label: "Clock changes as in", kinds: kOnClocks, choices: ["", "cron", "eventbridge", "temporal"], hint: "What another scheduler does; the two fields above override it" },
  { pointer: "/schedule/dom_dow", group: "options", type: "choice", label: "Day of month and day of week", kinds: ["cron"], choices: ["or", "and"], usual: ["or"], hint: "Whether one that matches is enough, or both must" },
  { pointer: "/schedule/jitter", group: "options", type: "text", label: "Jitter", kinds: kRecurring, placeholder: "30s", hint: `A run starts up to so much later. ${kDurations}` },
  { pointer: "/schedule/start_at", group: "options", type: "text", label: "Not before", kinds: kRecurring, placeholder: "2030-01-01T00:00:00Z" },
  { pointer: "/schedule/end_at", group: "options", type: "text", label: "Not at or after", kinds: kRecurring, placeholder: "2031-01-01T00:00:00Z" },
  { pointer: "/schedule/max_runs", group: "options", type: "number", label: "Runs in all", kinds: kRecurring },
  { pointer: "/schedule/exclude", group: "options", type: "ranges", label: "Days and times left out", kinds: kRecurring, placeholder: "2030-12-25", hint: "One a line: a date, or two instants with a slash between" },
  { pointer: "/schedule/exdate", group: "options", type: "lines", label: "Dates taken out of the rule", kinds: ["rrule"], placeholder: "2030-12-25T09:00:00", hint: "One a line" },
  { pointer: "/schedule/rdate", group: "options", type: "lines", label: "Dates added to the rule", kinds: ["rrule"], placeholder: "2030-12-27T09:00:00", hint: "One a line" },
];

const kTarget: Field[] = [
  { pointer: "/target/kind", group: "target", type: "choice", label: "Kind", choices: ["http", "log"], hint: "log only records that the task was due" },
  { pointer: "/target/method", group: "target", type: "choice", label: "Method", choices: kMethods, usual: ["POST"], when: kHttp },
  { pointer: "/target/url", group: "target", type: "text", label: "URL", placeholder: "https://service.example/hook", whole: true, when: kHttp },
  { pointer: "/target/timeout", group: "response", type: "text", label: "Timeout of an attempt", usual: ["PT30S", "30s"], hint: kDurations, when: kHttp },
  { pointer: "/target/connect_timeout", group: "response", type: "text", label: "Timeout of connecting", usual: ["PT5S", "5s"], when: kHttp },
  { pointer: "/target/success_codes", group: "response", type: "text", label: "Statuses of success", usual: ["200-299"], placeholder: "200-299,304", when: kHttp },
  { pointer: "/target/success_body", group: "response", type: "text", label: "Text that a good response contains", when: kHttp },
  { pointer: "/target/store_response", group: "response", type: "flag", label: "Keep the beginning of responses", usual: ["true"], when: kHttp },
  { pointer: "/target/auth/type", group: "proof", type: "choice", label: "Authentication", choices: ["", "bearer", "basic", "header"], when: kHttp, owner: true },
  { pointer: "/target/auth/secret", group: "proof", type: "text", label: "Secret", hint: "The name of a stored secret (/v1/secrets); the task never holds its value", when: ["/target/auth/type", "bearer", "basic", "header"] },
  { pointer: "/target/auth/username", group: "proof", type: "text", label: "User name", when: ["/target/auth/type", "basic"] },
  { pointer: "/target/auth/name", group: "proof", type: "text", label: "Header field", placeholder: "X-Api-Key", when: ["/target/auth/type", "header"] },
  { pointer: "/target/sign", group: "proof", type: "flag", label: "Sign requests (Standard Webhooks)", usual: ["true"], when: kHttp },
  { pointer: "/target/signing_secret", group: "proof", type: "text", label: "Secret that signs", hint: "The name of a stored secret, in place of the server's", when: kHttp },
  { pointer: "/target/tls_timeout", group: "tls", type: "text", label: "Timeout of the TLS handshake", usual: ["PT5S", "5s"], when: kHttp },
  { pointer: "/target/tls/ca", group: "tls", type: "area", label: "Trusted certificates", hint: "PEM text, in place of the server's list", when: kHttp },
  { pointer: "/target/tls/pin", group: "tls", type: "text", label: "Key of the target", placeholder: "sha256/…", when: kHttp },
  { pointer: "/target/tls/client_certificate", group: "tls", type: "text", label: "Client certificate", hint: "The name of a stored secret", when: kHttp },
  { pointer: "/target/tls/insecure_skip_verify", group: "tls", type: "flag", label: "Do not verify the certificate (insecure; needs cluster:admin)", usual: ["false"], when: kHttp },
  { pointer: "/target/format", group: "format", type: "choice", label: "Format", choices: ["raw", "cloudevents"], usual: ["raw"], when: kHttp },
  { pointer: "/target/variables", group: "format", type: "flag", label: "Fill in {{run_id}}, {{task_id}}, {{due}}, {{due_ms}}, {{attempt}} and {{missed_count}}", usual: ["false"], when: kHttp },
  { pointer: "/target/completion/timeout", group: "format", type: "text", label: "The target may report later, within", placeholder: "1h", hint: "It answers 202 with Hourwheel-Completion: deferred, and reports by POST", when: kHttp, owner: true },
  { pointer: "/target/completion/heartbeat", group: "format", type: "text", label: "With a sign of life every", placeholder: "5m", when: kHttp },
];

const kPolicies: Field[] = [
  { pointer: "/retry/max_attempts", group: "retry", type: "number", label: "Attempts at most", usual: ["5"] },
  { pointer: "/retry/backoff", group: "retry", type: "backoff", label: "Back-off", usual: ["exponential"], hint: "exponential, fixed or linear; or the waits themselves: 1s, 10s, 5m" },
  { pointer: "/retry/min_backoff", group: "retry", type: "text", label: "Shortest back-off", usual: ["PT1S", "1s"], hint: kDurations },
  { pointer: "/retry/max_backoff", group: "retry", type: "text", label: "Longest back-off", usual: ["PT1H", "1h"] },
  { pointer: "/retry/multiplier", group: "retry", type: "number", label: "Multiplier", usual: ["2", "2.0"] },
  { pointer: "/retry/jitter", group: "retry", type: "choice", label: "Jitter of the back-off", choices: ["full", "none"], usual: ["full"] },
  { pointer: "/retry/max_age", group: "retry", type: "text", label: "No retry after", usual: ["PT24H", "P1D", "24h", "1d"] },
  { pointer: "/retry/retry_on", group: "retry", type: "codes", label: "Statuses that are retried too", placeholder: "404, 300-399" },
  { pointer: "/retry/retry_until_next", group: "retry", type: "flag", label: "No retry once the next run is due", usual: ["false"] },
  { pointer: "/misfire/policy", group: "misfire", type: "choice", label: "Due times that were missed", choices: ["fire_once", "skip", "fire_all"], usual: ["fire_once"], kinds: kRecurring, hint: "fire_once: one run stands for all of them" },
  { pointer: "/misfire/max_count", group: "misfire", type: "number", label: "At most so many of them", usual: ["100"], kinds: kRecurring, when: ["/misfire/policy", "fire_all"] },
  { pointer: "/misfire/max_age", group: "misfire", type: "text", label: "None older than", usual: ["PT24H", "P1D", "24h", "1d"], kinds: kRecurring, when: ["/misfire/policy", "fire_all"] },
  { pointer: "/misfire/rate", group: "misfire", type: "number", label: "Of them a second", usual: ["10"], kinds: kRecurring, when: ["/misfire/policy", "fire_all"] },
  { pointer: "/misfire_after", group: "misfire", type: "text", label: "Missed when so late", usual: ["PT1M", "PT60S", "60s", "1m"] },
  { pointer: "/overlap", group: "misfire", type: "choice", label: "Due while a run is open", choices: ["buffer_one", "skip", "allow", "buffer_all", "cancel_running"], usual: ["buffer_one"], kinds: kRecurring, hint: "buffer_one: one waits. skip: it is skipped. allow: both run." },
  { pointer: "/delivery", group: "completion", type: "choice", label: "Delivery", choices: ["at_least_once", "at_most_once"], usual: ["at_least_once"], hint: "at_most_once: never sent twice, and perhaps not known to have arrived" },
  { pointer: "/expires_after", group: "completion", type: "text", label: "Skipped when later than", kinds: ["at", "delay"] },
  { pointer: "/pause_after_dead", group: "completion", type: "number", label: "Pause after dead runs in a row", usual: ["0"], hint: "0 is never" },
  { pointer: "/max_lateness", group: "completion", type: "text", label: "Counts as late beyond", hint: "For the metric of late runs" },
  { pointer: "/retention/count", group: "completion", type: "number", label: "Ended runs to keep", hint: "The newest so many; empty: as long as the server keeps any", owner: true },
  { pointer: "/on_complete", group: "completion", type: "choice", label: "When its schedule is over", choices: ["keep", "delete"], usual: ["keep"] },
];

const kEnds = [
  ["on_success", "After success"],
  ["on_dead", "After a dead run"],
  ["on_failure", "After another failure"],
] as const;
const kCallbacks: Field[] = kEnds.flatMap(([name, label]): Field[] => [
  { pointer: `/callbacks/${name}/url`, group: "callbacks", type: "text", label: `${label}: URL`, placeholder: "https://service.example/told", owner: true },
  { pointer: `/callbacks/${name}/method`, group: "callbacks", type: "choice", label: `${label}: method`, choices: kMethods, usual: ["POST"] },
]);

export const kFields: readonly Field[] = [...kBasics, ...kSchedule, ...kOptions, ...kTarget, ...kPolicies, ...kCallbacks];
