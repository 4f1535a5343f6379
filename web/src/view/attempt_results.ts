// What the last attempt of a dead letter may have come to, as the filter `result` names it.
import { words } from "./text.ts";

const kResults = [
  "responded",
  "timed_out",
  "connect_failed",
  "connect_timed_out",
  "connection_lost",
  "resolve_failed",
  "address_denied",
  "bad_response",
  "tls_failed",
  "tls_timed_out",
  "stopped",
  "secret_missing",
  "secret_refused",
  "secret_unusable",
  "body_mismatch",
  "reported_failure",
  "report_missing",
];

export const kResultChoices: [string, string][] = [
  ["", "any"],
  ...kResults.map((result): [string, string] => [result, words(result)]),
];
