// Saving a definition: a new task is made once, however often that is tried; one that is there is
// replaced as it was loaded, or not at all.
import { call } from "../api/client.ts";
import type { Intent } from "../api/intent.ts";
import type { Task } from "../api/types.ts";

// The id that the task has.
export async function create(body: string, intent: Intent): Promise<string> {
  return (await call<Task>("POST", "/v1/tasks", { body, key: intent.keyFor(body) })).body.id;
}

// Without an etag: only if there is none of this id.
export async function replace(id: string, body: string, etag: string): Promise<string> {
  const asked = etag ? { body, ifMatch: etag } : { body, headers: { "If-None-Match": "*" } };
  await call<Task>("PUT", `/v1/tasks/${encodeURIComponent(id)}`, asked);
  return id;
}
