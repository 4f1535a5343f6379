// When which task will run, up to an instant: asked of the server task by task, and therefore of a
// bounded number of tasks, and of each for a bounded number of due times.
import { call, Problem } from "../api/client.ts";
import type { Preview, Task, TaskPage } from "../api/types.ts";

export const kMostTasks = 200;
export const kMostTimes = 1_000; // of one task: as many as the API tells
const kFewTimes = 40; // enough for most tasks
const kPageSize = 100;
const kMostPages = 40; // which may be short or empty
const kAtOnce = 4;

export interface Dues {
  id: string;
  times: number[]; // ms since 1970
  // What is not told behind the last one, at the pace of those that are.
  rest?: { from: number; everyMs: number };
}

export interface Gathered {
  at: number;
  end: number;
  dues: Dues[];
  tasks: number; // that were looked at
  paused: number; // of them, by a pause of many tasks; left out
  complete: boolean;
}

export interface Asked {
  spanMs: number;
  filter: Record<string, string | string[] | undefined>;
  signal: AbortSignal;
  progress: (done: number, of: number) => void;
}

export async function gather({ spanMs, filter, signal, progress }: Asked): Promise<Gathered> {
  const at = Date.now();
  const end = at + spanMs;
  const { tasks, complete } = await tasksDue(end, filter, signal);
  const going = tasks.filter((task) => !task.paused_by);
  const dues: Dues[] = [];
  let next = 0;
  const work = async () => {
    while (next < going.length) {
      const task = going[next++];
      if (!task) return;
      try {
        dues.push(await duesOf(task, at, end, signal));
      } catch (error) {
        next = going.length; // the others need not go on
        throw error;
      }
      progress(dues.length, going.length);
    }
  };
  await Promise.all(Array.from({ length: kAtOnce }, work));
  return { at, end, dues, tasks: tasks.length, paused: tasks.length - going.length, complete };
}

async function tasksDue(end: number, filter: Asked["filter"], signal: AbortSignal) {
  const tasks: Task[] = [];
  let token: string | undefined;
  for (let pages = 0; pages < kMostPages && tasks.length < kMostTasks; pages++) {
    const query = {
      ...filter,
      view: "basic",
      state: "active",
      next_due_before: new Date(end).toISOString(),
      page_size: kPageSize,
      page_token: token,
    };
    const { body } = await call<TaskPage>("GET", "/v1/tasks", { query, signal });
    tasks.push(...body.tasks);
    token = body.next_page_token;
    if (token === undefined) break;
  }
  return { tasks: tasks.slice(0, kMostTasks), complete: token === undefined && tasks.length <= kMostTasks };
}

async function duesOf(task: Task, at: number, end: number, signal: AbortSignal): Promise<Dues> {
  const first = task.next_due_at ? Date.parse(task.next_due_at) : undefined;
  if (task.type === "one-time") return { id: task.id, times: first === undefined ? [] : [Math.max(first, at)] };
  let ahead = await upcoming(task.id, kFewTimes, signal);
  if (isCut(ahead, end)) ahead = await upcoming(task.id, kMostTimes, signal);
  const dues = within(task.id, ahead.times, at, end);
  const [start] = ahead.times;
  if (start !== undefined && isCut(ahead, end) && ahead.last > start) {
    dues.rest = { from: ahead.last, everyMs: (ahead.last - start) / (ahead.times.length - 1) };
  }
  return dues;
}

interface Ahead {
  times: number[];
  last: number;
  full: boolean; // there may be more
}

function isCut({ full, last }: Ahead, end: number): boolean {
  return full && last < end;
}

// What is overdue is due now.
function within(id: string, times: number[], at: number, end: number): Dues {
  return { id, times: times.filter((time) => time < end).map((time) => Math.max(time, at)) };
}

async function upcoming(id: string, count: number, signal: AbortSignal): Promise<Ahead> {
  try {
    const path = `/v1/tasks/${encodeURIComponent(id)}/upcoming`;
    const { body } = await call<Preview>("GET", path, { query: { count }, signal });
    const times = body.times
      .filter((time) => time.note !== "excluded")
      .map((time) => Date.parse(time.fire_at ?? time.utc));
    const last = Date.parse(body.times[body.times.length - 1]?.utc ?? "");
    return { times, last, full: body.times.length >= count };
  } catch (error) {
    if (error instanceof Problem && error.status === 404) return { times: [], last: 0, full: false }; // deleted since
    throw error;
  }
}
