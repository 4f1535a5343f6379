// The tasks that are due next, and are not held by a pause. The list is not in the order of due instants: it is searched to its end
// for one span after the other, until there are enough or it has taken too long.
import { call } from "../api/client.ts";
import type { Task, TaskPage } from "../api/types.ts";

export const kSearchMs = 3_000;
const kSoonest = 8;
const kEnough = 200; // within a span: the soonest of these stand for all
const kSpansMinutes = [5, 60, 24 * 60, 366 * 24 * 60];

export interface NextDue {
  tasks: Task[];
  complete: boolean; // all were looked at
}

export async function soonest(signal: AbortSignal): Promise<NextDue> {
  const until = performance.now() + kSearchMs;
  let found: NextDue = { tasks: [], complete: true };
  for (const minutes of kSpansMinutes) {
    const { tasks, complete } = await dueWithin(minutes, until, signal);
    // What a longer span had no time for may have been found before.
    if (complete || tasks.length >= found.tasks.length) found = { tasks, complete };
    if (!complete || tasks.length >= kSoonest) break;
  }
  const key = (task: Task) => task.next_due_at ?? "";
  const sorted = found.tasks.filter(key).sort((a, b) => key(a).localeCompare(key(b)));
  return { tasks: sorted.slice(0, kSoonest), complete: found.complete };
}

async function dueWithin(minutes: number, until: number, signal: AbortSignal): Promise<NextDue> {
  const before = new Date(Date.now() + minutes * 60_000).toISOString();
  const tasks: Task[] = [];
  let token: string | undefined;
  do {
    const query = { view: "basic", state: "active", next_due_before: before, page_size: kEnough, page_token: token };
    const { body } = await call<TaskPage>("GET", "/v1/tasks", { query, signal });
    tasks.push(...body.tasks.filter((task) => !(task.paused ?? task.paused_by)));
    token = body.next_page_token;
  } while (token !== undefined && tasks.length < kEnough && performance.now() < until);
  return { tasks, complete: token === undefined || tasks.length >= kEnough };
}
