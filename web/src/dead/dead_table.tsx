// Dead letters in rows. Unlike other runs they all have one state, and each can be redriven.
import { useRef, useState } from "preact/hooks";
import { call } from "../api/client.ts";
import { Intent } from "../api/intent.ts";
import type { Run } from "../api/types.ts";
import { hrefTo } from "../place.ts";
import { may } from "../state/session.ts";
import { ProblemNotice } from "../view/notice.tsx";
import { words } from "../view/text.ts";
import { Time } from "../view/time.tsx";

interface DeadTableProps {
  runs: Run[];
  gone: (run: Run) => void; // it is open again
}

export function DeadTable({ runs, gone }: DeadTableProps) {
  const [intent] = useState(() => new Intent());
  const [busy, setBusy] = useState("");
  const [problem, setProblem] = useState<Error>();
  const body = useRef<HTMLTableSectionElement>(null);
  const redrive = async (run: Run, pressed: HTMLElement) => {
    if (busy) return;
    setBusy(run.id);
    setProblem(undefined);
    try {
      await call("POST", `/v1/runs/${encodeURIComponent(run.id)}/redrive`, { body: {}, key: intent.keyFor(run.id) });
      intent.done();
      if (document.activeElement === pressed) focusBeside(body.current, pressed);
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
          <tbody ref={body}>
            {runs.map((run) => (
              <DeadRow key={run.id} run={run} busy={busy === run.id} redrive={(pressed) => void redrive(run, pressed)} />
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

// The row goes with the button that was pressed: the focus is on the next one then, or the last.
function focusBeside(body: HTMLElement | null, pressed: HTMLElement): void {
  const buttons = [...(body?.querySelectorAll("button") ?? [])].filter((one) => one !== pressed);
  const next = buttons.find((one) => pressed.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING);
  (next ?? buttons.at(-1) ?? document.getElementById("main"))?.focus();
}

interface DeadRowProps {
  run: Run;
  busy: boolean;
  redrive: (pressed: HTMLElement) => void;
}

function DeadRow({ run, busy, redrive }: DeadRowProps) {
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
          <button type="button" aria-disabled={busy} onClick={(event) => redrive(event.currentTarget)}>
            Redrive<span class="hidden"> {run.id}</span>
          </button>
        </td>
      )}
    </tr>
  );
}
