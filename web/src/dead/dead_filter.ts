// Which dead letters the page shows, as it stands in the address: in the form of the list's query
// and in that of a change by filter.
import { labelsOf } from "../view/label_filter.ts";
import { queried } from "../view/query_field.tsx";

export const kDeadFilters = ["error", "task_id", "label", "result", "due_after", "due_before"];

export interface DeadFilter {
  state: "dead";
  [name: string]: string | string[];
}

export function deadFilter(): DeadFilter {
  const filter: DeadFilter = { state: "dead" };
  for (const name of kDeadFilters) {
    const value = queried(name);
    if (value) filter[name] = name === "label" ? labelsOf(value) : value;
  }
  return filter;
}

// In words, for those who are asked whether they mean it.
export function filterText(filter: DeadFilter): string {
  const parts = Object.entries(filter)
    .filter(([name]) => name !== "state")
    .map(([name, value]) => `${name.replace("_", " ")} ${Array.isArray(value) ? value.join(" and ") : value}`);
  return parts.length > 0 ? parts.join("; ") : "no filter: all dead letters";
}
