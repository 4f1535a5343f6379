// API keys as the API tells them, and what their scopes allow, in a sentence each.
import type { ApiKey, Scope } from "../api/types.ts";

export interface KeyRow extends ApiKey {
  rate_limit?: { operations: number; per?: string };
  quotas?: { max_tasks: number; tasks?: number };
}

export const kScopes: [Scope, string][] = [
  ["tasks:read", "See tasks, what lies ahead of them, and how the server is doing"],
  ["tasks:write", "Make, change, pause and delete tasks"],
  ["tasks:trigger", "Run tasks now, backfill, redrive and cancel runs"],
  ["runs:read", "See runs, their attempts and what targets answered"],
  ["metrics:read", "Read the metrics"],
  ["cluster:admin", "Pause many tasks at once, write backups, stop the server, set its log level"],
  ["keys:admin", "Make and revoke keys, none of which may do more than the one that makes it"],
  ["audit:read", "See who changed what"],
  ["secrets:write", "Put and delete what targets ask for; nobody can read it back"],
];

export const kRateSpans: [string, string][] = [
  ["PT1S", "a second"],
  ["PT10S", "10 seconds"],
  ["PT1M", "a minute"],
  ["PT1H", "an hour"],
  ["P1D", "a day"],
];

export function rateText(rate: KeyRow["rate_limit"]): string {
  if (!rate) return "–";
  const per = rate.per ?? "PT1S";
  return `${rate.operations} / ${kRateSpans.find(([span]) => span === per)?.[1] ?? per}`;
}

export function quotaText(quotas: KeyRow["quotas"]): string {
  if (!quotas) return "–";
  return `${quotas.tasks ?? "?"} of ${quotas.max_tasks} tasks`;
}
