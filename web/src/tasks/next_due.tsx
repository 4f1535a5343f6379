// When a task is due next: faint while a pause holds it.
import type { Task } from "../api/types.ts";
import { zoneOf } from "../view/text.ts";
import { Time } from "../view/time.tsx";

export function NextDue({ task }: { task: Task }) {
  const due = <Time at={task.next_due_at} zone={zoneOf(task.schedule)} />;
  if (!task.next_due_at || !(task.paused ?? task.paused_by)) return due;
  return <span class="faint held">would be due {due}</span>;
}
