// Sends once what the form would send, and shows what the target made of it: by a task of its own,
// which is deleted when its attempt has been read.
import { useEffect, useRef, useState } from "preact/hooks";
import { call, newKey } from "../api/client.ts";
import { isOpen, type Attempt, type Run, type RunPage } from "../api/types.ts";
import { hrefTo } from "../place.ts";
import { may } from "../state/session.ts";
import { AttemptView } from "../view/attempt_view.tsx";
import { ProblemNotice } from "../view/notice.tsx";
import { StateBadge } from "../view/state_badge.tsx";
import { complaints, type Form } from "./definition.ts";
import { testTaskText } from "./test_task.ts";

const kWaitMs = 400;
const kPatienceMs = 90_000; // an attempt has 30 s unless the target says otherwise

interface Outcome {
  taskId: string;
  run: Run | undefined;
  attempts: Attempt[];
}

export function SendTest({ form }: { form: Form }) {
  const [busy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState<Outcome>();
  const [problem, setProblem] = useState<Error>();
  const stop = useRef<AbortController | undefined>(undefined);
  useEffect(() => () => stop.current?.abort(), []);
  if (!may("tasks:write") || !may("runs:read")) return null;
  const bad = complaints(form)[0];
  const send = async () => {
    const control = new AbortController();
    stop.current = control;
    setBusy(true);
    setProblem(undefined);
    setOutcome(undefined);
    try {
      const got = await sendTest(form, control.signal);
      if (!control.signal.aborted) setOutcome(got);
    } catch (error) {
      if (!control.signal.aborted) setProblem(error as Error);
    }
    if (!control.signal.aborted) setBusy(false);
  };
  return (
    <div class="test">
      <button type="button" disabled={busy || bad !== undefined} onClick={() => void send()}>
        {busy ? "Sending …" : "Send a test"}
      </button>{" "}
      <small class="faint">
        {bad?.detail ?? "Sends the payload to the target now, once, by a task that is deleted afterwards."}
      </small>
      <div aria-live="polite">
        {busy && <p class="faint">Waiting for the attempt to end …</p>}
        {problem && <ProblemNotice problem={problem} retry={() => void send()} />}
        {outcome && <OutcomeView outcome={outcome} />}
      </div>
    </div>
  );
}

function OutcomeView({ outcome: { taskId, run, attempts } }: { outcome: Outcome }) {
  if (!run || isOpen(run)) {
    return (
      <p>
        The run has not ended yet; its task stays: <a href={hrefTo(["tasks", taskId])}>{taskId}</a>
      </p>
    );
  }
  return (
    <>
      <p>
        <StateBadge state={run.state} reason={run.skip_reason} /> {run.error?.message}
      </p>
      {attempts.map((attempt) => (
        <AttemptView key={attempt.number} attempt={attempt} />
      ))}
    </>
  );
}

async function sendTest(form: Form, signal: AbortSignal): Promise<Outcome> {
  const taskId = `test-${newKey().slice(0, 16)}`;
  await call("POST", "/v1/tasks", { body: testTaskText(form, taskId), key: newKey() });
  let over = true;
  try {
    const run = await endOf(taskId, signal);
    over = run !== undefined && !isOpen(run);
    if (!run || !over) return { taskId, run, attempts: [] };
    const path = `/v1/runs/${encodeURIComponent(run.id)}/attempts`;
    const { body } = await call<{ attempts: Attempt[] }>("GET", path, { signal });
    return { taskId, run, attempts: body.attempts };
  } finally {
    // Also when the page is left. That it remains is no reason to hide what has been found.
    if (over) await call("DELETE", pathOf(taskId), { ifMatch: "*" }).catch(() => undefined);
  }
}

// The run as it was last seen.
async function endOf(taskId: string, signal: AbortSignal): Promise<Run | undefined> {
  const until = Date.now() + kPatienceMs;
  let run: Run | undefined;
  while (Date.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, kWaitMs));
    signal.throwIfAborted();
    run = (await call<RunPage>("GET", `${pathOf(taskId)}/runs`, { query: { page_size: 1 }, signal })).body.runs[0];
    if (run && !isOpen(run)) break;
  }
  return run;
}

function pathOf(taskId: string): string {
  return `/v1/tasks/${encodeURIComponent(taskId)}`;
}
