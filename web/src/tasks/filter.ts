// Which tasks a list is about, as the address has it and as the API's filters want it.
import type { Task } from "../api/types.ts";
import { labelsOf } from "../view/label_filter.ts";

export const kListFilters = [
  "q",
  "state",
  "label",
  "target_host",
  "schedule_kind",
  "last_result",
  "next_due_after",
  "next_due_before",
] as const;

export type TaskQuery = Record<string, string | string[]>;

export function filterOf(query: URLSearchParams): TaskQuery {
  const asked: TaskQuery = {};
  for (const name of kListFilters) {
    const value = query.get(name)?.trim();
    if (value) asked[name] = name === "label" ? labelsOf(value) : value;
  }
  return asked;
}

const kTests: Record<(typeof kListFilters)[number], (task: Task, asked: string) => boolean> = {
  q: (task, asked) => searched(task).some((text) => text.toLowerCase().includes(asked.toLowerCase())),
  state: (task, asked) => asked.split(",").includes(task.state),
  label: (task, asked) => labelTexts(task).includes(asked),
  target_host: (task, asked) => URL.parse(task.target?.url ?? "")?.hostname === asked.toLowerCase(),
  schedule_kind: (task, asked) => asked.split(",").includes(task.schedule_kind ?? ""),
  last_result: (task, asked) => asked.split(",").includes(task.last_run?.state ?? "none"),
  next_due_after: (task, asked) => Date.parse(task.next_due_at ?? "") >= Date.parse(asked),
  next_due_before: (task, asked) => Date.parse(task.next_due_at ?? "") < Date.parse(asked),
};

// Of a task with its definition: what the server would say. For tasks that the list, which is read from
// the oldest on, has not come to.
export function matches(task: Task, query: TaskQuery): boolean {
  return kListFilters.every((name) => [query[name] ?? []].flat().every((asked) => kTests[name](task, asked)));
}

function searched(task: Task): string[] {
  const payload = task.payload === undefined ? (task.payload_text ?? "") : JSON.stringify(task.payload);
  return [task.id, task.description ?? "", ...labelTexts(task), task.target?.url ?? "", payload];
}

function labelTexts(task: Task): string[] {
  return Object.entries(task.labels ?? {}).map(([name, value]) => `${name}:${value}`);
}
