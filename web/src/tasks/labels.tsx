import type { Task } from "../api/types.ts";
import { hrefTo } from "../place.ts";
import { labelFilter } from "../view/label_filter.ts";

// Each leads to the tasks that have it.
export function Labels({ task }: { task: Task }) {
  return (
    <>
      {Object.entries(task.labels ?? {}).map(([name, value]) => (
        <a key={name} class="label" href={hrefTo(["tasks"], { label: labelFilter(name, value) })}>
          {name}:{value}
        </a>
      ))}
    </>
  );
}
