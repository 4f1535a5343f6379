// Runs in rows, of one task or of all.
import type { Run } from "../api/types.ts";
import { hrefTo } from "../place.ts";
import { StateBadge } from "./state_badge.tsx";
import { lasting, words } from "./text.ts";
import { Time } from "./time.tsx";

interface RunTableProps {
  caption: string;
  runs: Run[];
  ofOneTask?: boolean;
  zone?: string | undefined;
}

export function RunTable({ caption, runs, ofOneTask = false, zone }: RunTableProps) {
  return (
    <div class="wide" tabIndex={0} role="region" aria-label={caption}>
      <table>
        <caption class="hidden">{caption}</caption>
        <thead>
          <tr>
            <th scope="col">State</th>
            {!ofOneTask && <th scope="col">Task</th>}
            <th scope="col">Due</th>
            <th scope="col" class="number">Late</th>
            <th scope="col" class="number" title="The last attempt alone">
              Took
            </th>
            <th scope="col" class="number">Attempt</th>
            <th scope="col">What happened</th>
            <th scope="col">Run</th>
          </tr>
        </thead>
        <tbody>
          {runs.map((run) => (
            <tr key={`${run.id} ${run.recorded_at ?? ""} ${run.attempt ?? 0}`}>
              <td>
                <StateBadge state={run.state} reason={run.skip_reason} />
              </td>
              {!ofOneTask && (
                <td class="name">
                  {run.task_id ? <a href={hrefTo(["tasks", run.task_id])}>{run.task_id}</a> : <span class="faint">deleted</span>}
                </td>
              )}
              <td>
                <Time at={run.due_at} zone={zone} />
              </td>
              <td class="number">{run.lateness_ms === undefined ? "–" : lasting(run.lateness_ms)}</td>
              <td class="number">{run.duration_ms === undefined ? "–" : lasting(run.duration_ms)}</td>
              <td class="number">{run.attempt ?? "–"}</td>
              <td class="what">{whatHappened(run)}</td>
              <td>
                <a href={hrefTo(["runs", run.id])} title={run.id}>
                  open<span class="hidden"> {run.id}</span>
                </a>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function whatHappened(run: Run): string {
  const told: string[] = [];
  if (run.error) told.push(run.error.message);
  if (run.trigger !== "schedule") told.push(words(run.trigger));
  if (run.missed_count) told.push(`stands for ${run.missed_count} missed`);
  if (run.count && run.count > 1) told.push(`${run.count} alike`);
  if (run.possible_duplicate) told.push("may have been sent twice");
  if (run.redrive_count) told.push(`redriven ${run.redrive_count}×`);
  return told.join(" · ");
}
