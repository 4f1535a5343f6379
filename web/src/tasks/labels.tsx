import type { Task } from "../api/types.ts";
import { hrefTo } from "../place.ts";
import { labelFilter } from "../view/label_filter.ts";

// Each leads to the tasks that have it.
export function Labels({ task, most = Infinity }: { task: Task; most?: number }) {
  const labels = Object.entries(task.labels ?? {});
  const beyond = labels.slice(most);
  return (
    <>
      {labels.slice(0, most).map(([name, value]) => (
        <a key={name} class="label" href={hrefTo(["tasks"], { label: labelFilter(name, value) })}>
          {name}:{value}
        </a>
      ))}
      {beyond.length > 0 && (
        <span class="faint" title={beyond.map((label) => label.join(":")).join("\n")}>
          +{beyond.length}
        </span>
      )}
    </>
  );
}
