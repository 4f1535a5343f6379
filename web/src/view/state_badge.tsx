// A state in colour, sign and word: none of them alone tells.
import type { RunState, TaskState } from "../api/types.ts";
import { words } from "./text.ts";

const kSigns: Record<TaskState | RunState, [tone: string, sign: string]> = {
  active: ["good", "●"],
  paused: ["warn", "‖"],
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

export function StateBadge({ state, reason }: { state: TaskState | RunState; reason?: string | undefined }) {
  const [tone, sign] = kSigns[state] ?? ["calm", "•"];
  return (
    <span class={`badge ${tone}`} title={reason ? words(reason) : undefined}>
      <span aria-hidden="true">{sign}</span> {words(state)}
      {reason && <span class="faint"> {words(reason)}</span>}
    </span>
  );
}
