// Dead letters in rows. Unlike other runs they all have one state, and each can be redriven.
import { useState } from "preact/hooks";
import { call, newKey } from "../api/client.ts";
import type { Run } from "../api/types.ts";
import { hrefTo } from "../place.ts";
import { may } from "../state/session.ts";
import { ProblemNotice } from "./notice.tsx";
import { words } from "./text.ts";
import { Time } from "./time.tsx";

interface DeadTableProps {
  runs: Run[];
  gone: (run: Run) => void; // it is open again
}

// One key for each run that is meant: a second try of a click that went wrong is the same wish.
const keys = new Map<string, string>();

function keyFor(run: Run): string {
  const key = keys.get(run.id) ?? newKey();
  keys.set(run.id, key);
  return key;
}

export function DeadTable({ runs, gone }: DeadTableProps) {
  const [busy, setBusy] = useState("");
  const [problem, setProblem] = useState<Error>();
  const redrive = async (run: Run) => {
    setBusy(run.id);
    setProblem(undefined);
    try {
      await call("POST", `/v1/runs/${encodeURIComponent(run.id)}/redrive`, { body: {}, key: keyFor(run) });
      keys.delete(run.id);
      gone(run);
    } catch (error) {
      setProblem(error as Error);
    }
    setBusy("");
  };
  return (
    <>
      {problem && <ProblemNotice problem={problem} />}
      <div class="wide" tabIndex={0} role="region" aria-label="Dead letters">
        <table>
          <caption class="hidden">Dead letters, those that died last first</caption>
          <thead>
            <tr>
              <th scope="col">Task</th>
              <th scope="col">Died</th>
              <th scope="col">Due</th>
              <th scope="col" class="number">Attempts</th>
              <th scope="col">Last error</th>
              <th scope="col">Run</th>
              {may("tasks:trigger") && <th scope="col">Redrive</th>}
            </tr>
          </thead>
          <tbody>
            {runs.map((run) => (
              <DeadRow key={run.id} run={run} busy={busy === run.id} redrive={() => void redrive(run)} />
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function DeadRow({ run, busy, redrive }: { run: Run; busy: boolean; redrive: () => void }) {
  return (
    <tr>
      <td class="name">
        {run.task_id ? (
          <a href={hrefTo(["tasks", run.task_id])}>{run.task_id}</a>
        ) : (
          <span class="faint">deleted</span>
        )}
      </td>
      <td>
        <Time at={run.ended_at} relative="only" />
      </td>
      <td>
        <Time at={run.due_at} relative="no" />
      </td>
      <td class="number">{run.attempt ?? "–"}</td>
      <td class="what">
        {run.error && (
          <>
            <strong>{words(run.error.code)}</strong> {run.error.message}
          </>
        )}
        {run.possible_duplicate && <span class="faint"> · may have been sent twice</span>}
        {run.redrive_count ? <span class="faint"> · redriven {run.redrive_count}×</span> : null}
      </td>
      <td>
        <a href={hrefTo(["runs", run.id])} title={run.id}>
          open<span class="hidden"> {run.id}</span>
        </a>
      </td>
      {may("tasks:trigger") && (
        <td>
          <button type="button" disabled={busy} onClick={redrive}>
            Redrive<span class="hidden"> {run.id}</span>
          </button>
        </td>
      )}
    </tr>
  );
}
