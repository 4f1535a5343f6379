// Dead letters in rows. Unlike other runs they all have one state, and each can be redriven.
import { useEffect, useRef, useState } from "preact/hooks";
import { call, newKey } from "../api/client.ts";
import type { Run } from "../api/types.ts";
import { hrefTo } from "../place.ts";
import { may } from "../state/session.ts";
import { Confirm } from "../view/confirm.tsx";
import { words } from "../view/text.ts";
import { Time } from "../view/time.tsx";

interface DeadTableProps {
  runs: Run[];
  gone: (run: Run) => void; // it is open again
}

interface Asked {
  run: Run;
  pressed: HTMLElement;
  key: string; // of this opening of the dialog
}

export function DeadTable({ runs, gone }: DeadTableProps) {
  const [asked, setAsked] = useState<Asked>();
  const body = useRef<HTMLTableSectionElement>(null);
  const redriven = useRef<Asked | undefined>(undefined);
  const redrive = async (one: Asked) => {
    await call("POST", `/v1/runs/${encodeURIComponent(one.run.id)}/redrive`, { body: {}, key: one.key });
    redriven.current = one;
  };
  // While the dialog is open nothing behind it takes the focus.
  useEffect(() => {
    const last = redriven.current;
    if (asked || !last) return;
    redriven.current = undefined;
    focusBeside(body.current, last.pressed);
    gone(last.run);
  }, [asked]);
  return (
    <>
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
              <DeadRow key={run.id} run={run} redrive={(pressed) => setAsked({ run, pressed, key: newKey() })} />
            ))}
          </tbody>
        </table>
      </div>
      {asked && (
        <Confirm
          title={`Redrive the run of ${asked.run.task_id ?? "a deleted task"}`}
          action="Redrive"
          run={() => redrive(asked)}
          close={() => setAsked(undefined)}
        >
          <p>It gets fresh attempts under its id, from now on.</p>
        </Confirm>
      )}
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
  redrive: (pressed: HTMLElement) => void;
}

function DeadRow({ run, redrive }: DeadRowProps) {
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
          <button type="button" onClick={(event) => redrive(event.currentTarget)}>
            Redrive …<span class="hidden"> {run.id}</span>
          </button>
        </td>
      )}
    </tr>
  );
}
