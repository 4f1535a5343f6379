// What may be done with one task.
import { useState } from "preact/hooks";
import { call, newKey } from "../api/client.ts";
import type { Run, Task } from "../api/types.ts";
import { goTo, hrefTo } from "../place.ts";
import { may } from "../state/session.ts";
import { Confirm } from "../view/confirm.tsx";
import { fieldZone, fromField } from "../view/instant_text.ts";
import { ProblemNotice } from "../view/notice.tsx";
import { words } from "../view/text.ts";

type Asked = "pause" | "delete" | "run";

export function TaskActions({ task, again }: { task: Task; again: () => void }) {
  const [asked, setAsked] = useState<Asked>();
  const [problem, setProblem] = useState<Error>();
  const path = `/v1/tasks/${encodeURIComponent(task.id)}`;
  const resume = async () => {
    try {
      await call("POST", `${path}/resume`, { body: {}, key: newKey() });
      setProblem(undefined);
      again();
    } catch (error) {
      setProblem(error as Error);
    }
  };
  return (
    <>
      {may("tasks:trigger") && (
        <button type="button" class="primary" onClick={() => setAsked("run")}>
          Run now …
        </button>
      )}
      {may("tasks:write") && (
        <>
          {task.paused ? (
            <button
              type="button"
              title={`From now on; of what it missed: ${words(misfireOf(task))}`}
              onClick={() => void resume()}
            >
              Resume
            </button>
          ) : (
            task.state === "active" && (
              <button type="button" onClick={() => setAsked("pause")}>
                Pause …
              </button>
            )
          )}
          <a class="button" href={hrefTo(["tasks", task.id, "edit"])}>
            Edit
          </a>
          <a class="button" href={hrefTo(["new"], { copy: task.id })}>
            Duplicate
          </a>
          <button type="button" class="danger" onClick={() => setAsked("delete")}>
            Delete …
          </button>
        </>
      )}
      {problem && <ProblemNotice problem={problem} />}
      {asked === "pause" && <PauseDialog path={path} misfire={misfireOf(task)} close={() => setAsked(undefined)} again={again} />}
      {asked === "run" && <RunDialog path={path} close={() => setAsked(undefined)} />}
      {asked === "delete" && (
        <Confirm
          title={`Delete ${task.id}`}
          action="Delete"
          danger
          run={async () => {
            await call("DELETE", path, { ifMatch: `"${task.version}"` });
            goTo(["tasks"]);
          }}
          close={() => setAsked(undefined)}
        >
          <p>
            Its definition and the list of its runs go; attempts in flight may still arrive. It cannot be taken back.
          </p>
        </Confirm>
      )}
    </>
  );
}

interface DialogProps {
  path: string;
  close: () => void;
}

// The name of its policy.
function misfireOf({ misfire }: Task): string {
  const { policy = "fire_once" } = typeof misfire === "object" && misfire ? (misfire as { policy?: string }) : {};
  return typeof misfire === "string" ? misfire : policy;
}

function PauseDialog({ path, misfire, close, again }: DialogProps & { misfire: string; again: () => void }) {
  const [reason, setReason] = useState("");
  const [until, setUntil] = useState("");
  const [key] = useState(newKey);
  const run = async () => {
    const body = {
      ...(reason ? { reason } : {}),
      ...(until ? { until: fromField(until) } : {}),
    };
    await call("POST", `${path}/pause`, { body, key });
    again();
  };
  return (
    <Confirm title="Pause" action="Pause" run={run} close={close}>
      <p>
        Nothing of it starts while it is paused. On resume its misfire policy (<code>{misfire}</code>) says what of the
        missed instants runs.
      </p>
      <label>
        Reason (optional)
        <input value={reason} maxLength={1024} onInput={(event) => setReason(event.currentTarget.value)} />
      </label>
      <label>
        Until (optional, {fieldZone()})
        <input type="datetime-local" value={until} onInput={(event) => setUntil(event.currentTarget.value)} />
      </label>
    </Confirm>
  );
}

function RunDialog({ path, close }: DialogProps) {
  const [payload, setPayload] = useState("");
  const [key] = useState(newKey);
  const run = async () => {
    // As it was typed: no number is rounded.
    const body = payload.trim() ? `{"payload":${payload}}` : "{}";
    const { body: begun } = await call<Run>("POST", `${path}/run`, { body, key });
    goTo(["runs", begun.id]);
  };
  return (
    <Confirm title="Run now" action="Run" run={run} close={close}>
      <p>One more run, besides those of the schedule.</p>
      <label>
        Payload of this run, as JSON (optional: the task's own)
        <textarea rows={4} value={payload} spellcheck={false} onInput={(event) => setPayload(event.currentTarget.value)} />
      </label>
    </Confirm>
  );
}
