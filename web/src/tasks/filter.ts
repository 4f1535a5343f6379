// Which tasks a list is about, as the address has it and as the API's filters want it.
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
    if (value) asked[name] = name === "label" ? labelsIn(value) : value;
  }
  return asked;
}

// "team:billing env:prod": all must match.
export function labelsIn(text: string): string[] {
  return text.split(/[\s,]+/).filter(Boolean);
}
