// One run: when it was due, sent and answered, and every attempt with what came back.
import { useEffect, useState } from "preact/hooks";
import { onChange } from "../api/changes.ts";
import { call, newKey } from "../api/client.ts";
import { isOpen, type Attempt, type Run } from "../api/types.ts";
import { hrefTo, type Place } from "../place.ts";
import { now } from "../state/clock.ts";
import { may } from "../state/session.ts";
import { AttemptView } from "../view/attempt_view.tsx";
import { Confirm } from "../view/confirm.tsx";
import { useEvery } from "../view/every.ts";
import { useLoad } from "../view/load.ts";
import { Loading, ProblemNotice } from "../view/notice.tsx";
import { StateBadge } from "../view/state_badge.tsx";
import { lasting, plural, words } from "../view/text.ts";
import { Time } from "../view/time.tsx";

const kAgainMs = 2_000;

export function OneRun({ parts }: Place) {
  const id = parts[1] ?? "";
  const path = `/v1/runs/${encodeURIComponent(id)}`;
  const run = useLoad(async (signal) => (await call<Run>("GET", path, { signal })).body, id);
  const attempts = useLoad(
    async (signal) => (await call<{ attempts: Attempt[] }>("GET", `${path}/attempts`, { signal })).body.attempts,
    `${id} ${run.value?.state ?? ""} ${run.value?.attempt ?? 0}`,
  );
  useEffect(
    () => onChange((change) => (change.type === "gap" || ("run" in change && change.run.id === id)) && run.again()),
    [id],
  );
  const of = run.value?.task_id;
  useEffect(() => {
    if (of) document.title = `Run of ${of} – Hourwheel`;
  }, [of]);
  // The start of a run is no event.
  useEvery(run.value && isOpen(run.value) ? kAgainMs : undefined, run.again);
  if (!run.value) {
    return (
      <>
        <h1>Run</h1>
        {run.problem ? <ProblemNotice problem={run.problem} retry={run.again} /> : <Loading what="the run" />}
      </>
    );
  }
  return (
    <>
      <div class="toolbar">
        <h1>
          Run of{" "}
          {run.value.task_id ? <a href={hrefTo(["tasks", run.value.task_id])}>{run.value.task_id}</a> : "a deleted task"}
        </h1>
        <StateBadge state={run.value.state} reason={run.value.skip_reason} />
        <span class="spring" />
        <RunActions run={run.value} path={path} again={run.again} />
      </div>
      <Facts run={run.value} />
      <h2>From due to answered</h2>
      <Course run={run.value} attempts={attempts.value ?? []} />
      <h2>Attempts</h2>
      {attempts.problem && <ProblemNotice problem={attempts.problem} retry={attempts.again} />}
      {attempts.value?.length === 0 && <p class="faint">None has ended.</p>}
      {attempts.value?.map((attempt) => <AttemptView key={attempt.number} attempt={attempt} />)}
    </>
  );
}

function RunActions({ run, path, again }: { run: Run; path: string; again: () => void }) {
  // Each opening of the dialog is an intent of its own: a run may die, and be redriven, again.
  const [asked, setAsked] = useState<{ action: "redrive" | "cancel"; key: string }>();
  const ask = (action: "redrive" | "cancel") => setAsked({ action, key: newKey() });
  if (!may("tasks:trigger")) return null;
  const close = () => setAsked(undefined);
  return (
    <>
      {run.state === "dead" && (
        <button type="button" class="primary" onClick={() => ask("redrive")}>
          Redrive …
        </button>
      )}
      {isOpen(run) && !run.cancel_requested && (
        <button type="button" class="danger" onClick={() => ask("cancel")}>
          Cancel run …
        </button>
      )}
      {asked && (
        <Confirm
          title={asked.action === "redrive" ? "Redrive this run" : "Cancel this run"}
          action={asked.action === "redrive" ? "Redrive" : "Cancel run"}
          danger={asked.action === "cancel"}
          run={async () => {
            await call("POST", `${path}/${asked.action}`, { body: {}, key: asked.key });
            again();
          }}
          close={close}
          keep={asked.action === "cancel" ? "Keep it running" : undefined}
        >
          <p>
            {asked.action === "redrive"
              ? "It gets fresh attempts under its id, from now on."
              : "No further attempt starts; one that is in flight is cut off, and may have arrived."}
          </p>
        </Confirm>
      )}
    </>
  );
}

function Facts({ run }: { run: Run }) {
  const facts: [title: string, value: unknown][] = [
    ["Trigger", words(run.trigger)],
    ["Due", <Time at={run.due_at} />],
    ["Started", run.started_at ? <Time at={run.started_at} /> : undefined],
    ["Ended", run.ended_at ? <Time at={run.ended_at} /> : undefined],
    ["Late", run.lateness_ms === undefined ? undefined : lasting(run.lateness_ms)],
    ["Last attempt took", run.duration_ms === undefined ? undefined : lasting(run.duration_ms)],
    ["From start to end", run.started_at && run.ended_at ? lasting(Date.parse(run.ended_at) - Date.parse(run.started_at)) : undefined],
    ["Next attempt", run.next_attempt_at ? <Time at={run.next_attempt_at} /> : undefined],
    ["Stands for", run.missed_count ? `${plural(run.missed_count, "missed due instant")}` : undefined],
    ["Redriven", run.redrive_count ? `${run.redrive_count}×` : undefined],
    ["Error", run.error ? `${run.error.message}` : undefined],
    ["Id", <code class="breaks">{run.id}</code>],
  ];
  return (
    <>
      {run.possible_duplicate && (
        <p class="notice warn">An attempt may have been sent twice: the server stopped while it was in flight.</p>
      )}
      <dl class="facts">
        {facts
          .filter(([, value]) => value !== undefined)
          .map(([title, value]) => (
            <>
              <dt>{title}</dt>
              <dd>{value as string}</dd>
            </>
          ))}
      </dl>
    </>
  );
}

// Bars on one scale of time: waiting, and each attempt. When an attempt in flight began is known of the
// first one alone: one that follows another has waited before.
function Course({ run, attempts }: { run: Run; attempts: Attempt[] }) {
  const begin = Date.parse(run.fire_at ?? run.due_at);
  const ends = attempts.flatMap((one) => (one.ended_at ? [Date.parse(one.ended_at)] : []));
  const inFlight = run.state === "running";
  const isFirst = (run.attempt ?? 1) <= 1 && !run.redrive_count;
  const end = Math.max(begin + 1, ...ends, run.ended_at ? Date.parse(run.ended_at) : 0, inFlight ? now.value : 0);
  const share = (ms: number) => `${(Math.min(1, Math.max(0, ms / (end - begin))) * 100).toFixed(2)}%`;
  return (
    <ol class="course">
      <li>
        <span>due</span>
        <span class="track" />
        <span class="faint">
          <Time at={run.fire_at ?? run.due_at} relative="no" />
        </span>
      </li>
      {attempts.map((attempt) => {
        if (!attempt.started_at) return null;
        const from = Date.parse(attempt.started_at);
        const took = attempt.duration_ms ?? 0;
        return (
          <li key={attempt.number}>
            <span>attempt {attempt.number}</span>
            <span class="track">
              <span class="wait" style={{ width: share(from - begin) }} />
              <span class="sent" style={{ width: share(took) }} />
            </span>
            <span class="faint">
              {from >= begin ? `+${lasting(from - begin)}` : "before"}, took {lasting(took)}
            </span>
          </li>
        );
      })}
      {inFlight && (
        <li>
          <span>attempt {run.attempt ?? 1}</span>
          <span class="track">
            <span class="wait" style={{ width: share((Date.parse(run.started_at ?? "") || begin) - begin) }} />
            <span class="sent" style={{ flex: isFirst ? 1 : undefined }} />
          </span>
          <span class="faint">in flight</span>
        </li>
      )}
    </ol>
  );
}
