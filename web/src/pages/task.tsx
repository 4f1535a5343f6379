// One task: how it stands, what may be done with it, what it did, what it will do, what it is.
import { useEffect, useState } from "preact/hooks";
import { onChange } from "../api/changes.ts";
import { call, type Answer } from "../api/client.ts";
import { rawMember, pretty } from "../api/raw_json.ts";
import type { Task } from "../api/types.ts";
import { changeQuery, hrefTo, place, type Place } from "../place.ts";
import { may } from "../state/session.ts";
import { useLoad } from "../view/load.ts";
import { Copyable, Loading, ProblemNotice } from "../view/notice.tsx";
import { mayAtServer } from "../view/reach.ts";
import { shownState, StateBadge } from "../view/state_badge.tsx";
import { Tabs } from "../view/tabs.tsx";
import { counted, plural, zoneName, zoneOf } from "../view/text.ts";
import { Time } from "../view/time.tsx";
import { Labels } from "../tasks/labels.tsx";
import { NextDue } from "../tasks/next_due.tsx";
import { TaskActions } from "../tasks/task_actions.tsx";
import { TaskAudit } from "../tasks/task_audit.tsx";
import { TaskRuns } from "../tasks/task_runs.tsx";
import { Upcoming } from "../tasks/upcoming.tsx";
import { Why } from "../tasks/why.tsx";

const kTabs = ["runs", "upcoming", "why", "definition", "audit"] as const;
type Tab = (typeof kTabs)[number];
const kTitles: Record<Tab, string> = {
  runs: "Runs",
  upcoming: "Upcoming",
  why: "Why did it not run?",
  definition: "Definition",
  audit: "Audit",
};

export function OneTask({ parts }: Place) {
  const id = parts[1] ?? "";
  const path = `/v1/tasks/${encodeURIComponent(id)}`;
  const task = useLoad((signal) => call<Task>("GET", path, { signal }), id);
  const [gone, setGone] = useState(false);
  useEffect(
    () =>
      onChange((change) => {
        if (change.type === "gap") return task.again();
        if ("run" in change) return change.run.task_id === id ? task.again() : undefined;
        if (change.task.id !== id) return undefined;
        if (change.type === "task.deleted") return setGone(true);
        return task.again();
      }),
    [id],
  );
  if (!task.value) {
    return (
      <>
        <h1>{id}</h1>
        {task.problem ? <ProblemNotice problem={task.problem} retry={task.again} /> : <Loading what="the task" />}
      </>
    );
  }
  return (
    <>
      {gone && (
        <div class="notice warn" role="status">
          <p>This task has been deleted. What is shown is how it was.</p>
        </div>
      )}
      {task.problem && !gone && <ProblemNotice problem={task.problem} retry={task.again} />}
      <Head task={task.value.body} again={task.again} gone={gone} />
      <Parts answer={task.value} />
    </>
  );
}

function Head({ task, again, gone }: { task: Task; again: () => void; gone: boolean }) {
  const zone = zoneOf(task.schedule);
  const paused = task.paused ?? task.paused_by;
  return (
    <>
      <div class="toolbar">
        <h1 class="name">{task.id}</h1>
        <StateBadge state={shownState(task)} reason={task.state_reason} />
        <span class="spring" />
        {!gone && <TaskActions task={task} again={again} />}
      </div>
      {task.description && <p>{task.description}</p>}
      {paused && (
        <p class="notice warn">
          {task.paused ? "Paused" : "Held by a pause of many tasks"}
          {paused.reason ? `: ${paused.reason}` : ""}
          {paused.until && (
            <>
              {" "}
              until <Time at={paused.until} zone={zone} />
            </>
          )}
          {task.paused_by && (
            <>
              {" "}
              <a href={hrefTo(["server"])}>Pauses</a>
            </>
          )}
        </p>
      )}
      <dl class="facts">
        <dt>Schedule</dt>
        <dd>
          {task.schedule_text ?? String(task.schedule_kind)}
          {zone && !task.schedule_text?.includes(zone) && <span class="faint"> {zone}</span>}
        </dd>
        <dt>Next due</dt>
        <dd>{task.next_due_at ? <NextDue task={task} /> : <span class="faint">never again</span>}</dd>
        <dt>Last run</dt>
        <dd>
          {task.last_run ? (
            <a href={hrefTo(["runs", task.last_run.id])}>
              <StateBadge state={task.last_run.state} /> <Time at={task.last_run.ended_at} zone={zone} />
            </a>
          ) : (
            <span class="faint">none has ended</span>
          )}
        </dd>
        <dt>Target</dt>
        <dd class="breaks">{task.target?.kind === "http" ? `${task.target.method ?? "POST"} ${task.target.url}` : "only recorded (log)"}</dd>
        <dt>Runs</dt>
        <dd>
          {task.counts
            ? `${plural(task.counts["runs"] ?? 0, "run")} ended: ${counted(task.counts["succeeded"] ?? 0)} succeeded, ${counted(task.counts["dead"] ?? 0)} dead, ${counted(task.counts["skipped"] ?? 0)} skipped`
            : "–"}
        </dd>
        {Object.keys(task.labels ?? {}).length > 0 && (
          <>
            <dt>Labels</dt>
            <dd class="labels">
              <Labels task={task} />
            </dd>
          </>
        )}
      </dl>
    </>
  );
}

function Parts({ answer }: { answer: Answer<Task> }) {
  const task = answer.body;
  const wanted = place.value.query.get("tab") as Tab | null;
  const tabs = kTabs.filter((tab) => {
    if (tab === "audit") return mayAtServer("audit:read");
    return tab === "runs" || tab === "why" ? may("runs:read") : true;
  });
  const shown = wanted && tabs.includes(wanted) ? wanted : (tabs[0] ?? "definition");
  return (
    <>
      <Tabs
        label="Parts of this task"
        names={tabs.map((tab) => [tab, kTitles[tab]])}
        chosen={shown}
        choose={(tab) => changeQuery({ tab })}
      />
      {shown === "runs" && <TaskRuns task={task} />}
      {shown === "upcoming" && <Upcoming task={task} />}
      {shown === "why" && <Why task={task} />}
      {shown === "definition" && <Definition answer={answer} />}
      {shown === "audit" && <TaskAudit id={task.id} />}
    </>
  );
}

function Definition({ answer: { body: task, text } }: { answer: Answer<Task> }) {
  const payload = rawMember(text, "payload");
  return (
    <section>
      <h2>Payload</h2>
      {payload !== undefined && payload !== "null" ? (
        <Copyable text={payload} />
      ) : task.payload_text !== undefined ? (
        <Copyable text={task.payload_text} />
      ) : task.payload_base64 !== undefined ? (
        <Copyable text={task.payload_base64} label="Copy base64" />
      ) : (
        <p class="faint">None.</p>
      )}
      <h2>The whole task</h2>
      <p class="faint">
        Version {task.version}, created <Time at={task.created_at} />, changed <Time at={task.updated_at} />. Times are
        shown in {zoneName(undefined)}, or as <a href={hrefTo(["preferences"])}>preferred</a>.
      </p>
      <Copyable text={pretty(text)} />
    </section>
  );
}
