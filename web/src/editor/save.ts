// Saving a definition: a new task is made once, however often that is tried; one that is there is
// replaced as it was loaded, or not at all.
import { call, newKey } from "../api/client.ts";
import type { Task } from "../api/types.ts";

// The same text is the same intent; another one under its key would be refused.
export interface Intent {
  body: string;
  key: string;
}

// The id that the task has.
export async function create(body: string, intent: Intent): Promise<string> {
  if (intent.key === "" || intent.body !== body) Object.assign(intent, { body, key: newKey() });
  return (await call<Task>("POST", "/v1/tasks", { body, key: intent.key })).body.id;
}

// Without an etag: only if there is none of this id.
export async function replace(id: string, body: string, etag: string): Promise<string> {
  const asked = etag ? { body, ifMatch: etag } : { body, headers: { "If-None-Match": "*" } };
  await call<Task>("PUT", `/v1/tasks/${encodeURIComponent(id)}`, asked);
  return id;
}
