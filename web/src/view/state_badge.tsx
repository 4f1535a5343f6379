// A state in colour, sign and word: none of them alone tells.
import type { RunState, Task, TaskState } from "../api/types.ts";
import { words } from "./text.ts";

type Shown = TaskState | RunState | "held";

const kSigns: Record<Shown, [tone: string, sign: string]> = {
  active: ["good", "●"],
  paused: ["warn", "‖"],
  held: ["warn", "‖"],
  completed: ["calm", "✓"],
  quarantined: ["bad", "⚠"],
  pending: ["calm", "○"],
  running: ["live", "▶"],
  retrying: ["warn", "↻"],
  succeeded: ["good", "✓"],
  dead: ["bad", "✕"],
  canceled: ["calm", "⊘"],
  skipped: ["calm", "»"],
  unknown: ["warn", "?"],
};
const kHeld = "Active, but held by a pause of many tasks";

// One that only a pause of many tasks stops has no pause of its own that could be ended.
export function shownState(task: Task): Shown {
  return task.paused_by && !task.paused ? "held" : task.state;
}

export function StateBadge({ state, reason }: { state: Shown; reason?: string | undefined }) {
  const [tone, sign] = kSigns[state] ?? ["calm", "•"];
  return (
    <span class={`badge ${tone}`} title={reason ? words(reason) : state === "held" ? kHeld : undefined}>
      <span aria-hidden="true">{sign}</span> {words(state)}
      {reason && <span class="faint"> {words(reason)}</span>}
    </span>
  );
}
