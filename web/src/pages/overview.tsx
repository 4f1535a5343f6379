// How it is going, at a glance: what waits, what runs, what failed, how late; what comes next.
import { useEffect, useRef, useState } from "preact/hooks";
import { onChange } from "../api/changes.ts";
import { call } from "../api/client.ts";
import type { Run, RunPage, Stats } from "../api/types.ts";
import { hrefTo } from "../place.ts";
import { may } from "../state/session.ts";
import { Chart } from "../view/chart.tsx";
import { useEvery } from "../view/every.ts";
import { Fresh } from "../view/fresh.tsx";
import { useLoad, type Loaded } from "../view/load.ts";
import { isNarrowed } from "../view/reach.ts";
import { Empty, Loading, ProblemNotice } from "../view/notice.tsx";
import { StateBadge } from "../view/state_badge.tsx";
import { counted, lasting, late } from "../view/text.ts";
import { Time } from "../view/time.tsx";
import { isUnread } from "../view/unread.ts";
import { kSearchMs, soonest, type NextDue } from "../tasks/soonest.ts";

const kAgainMs = 10_000;
const kFailures = 8;

export function Overview() {
  const next = useLoad(soonest, "next");
  useEvery(kAgainMs, next.again);
  return (
    <>
      <h1>Overview</h1>
      {!isNarrowed() && <Figures />}
      <div class="columns">
        <NextUp next={next} />
        {may("runs:read") && <Failures away={next.problem !== undefined} />}
      </div>
    </>
  );
}

function Figures() {
  const stats = useLoad(async (signal) => (await call<Stats>("GET", "/v1/stats", { signal })).body, "stats");
  useEvery(kAgainMs, stats.again);
  return (
    <>
      {stats.problem && <ProblemNotice problem={stats.problem} retry={stats.again} />}
      {!stats.value && !stats.problem && <Loading what="the figures" />}
      {stats.value && (
        <>
          {stats.problem && (
            <p class="faint">
              As of <Time at={stats.value.at} />
            </p>
          )}
          <Cards stats={stats.value} />
          <Charts stats={stats.value} />
        </>
      )}
    </>
  );
}

function Cards({ stats: { now, since_start: since, series } }: { stats: Stats }) {
  const dead = series.reduce((sum, step) => sum + step.runs.dead, 0);
  const cards: [title: string, value: string, note: string, parts?: string[]][] = [
    ["Active tasks", counted(now.tasks.active), `${counted(now.tasks.paused)} paused · ${counted(now.tasks.completed)} completed`, ["tasks"]],
    ["In flight", counted(now.runs_in_flight), `${counted(now.runs_waiting)} wait for their target`, ["runs"]],
    ["Wake-ups soon", counted(now.tasks_due_soon), "within about 20 minutes, paused ones included", ["timeline"]],
    ["Died in the last hour", counted(dead), `${counted(since.runs.dead)} since the start`, ["dead"]],
    ["Lateness p99", late(since.lateness_p99_ms), `p50 ${late(since.lateness_p50_ms)}, since the start`],
  ];
  return (
    <>
      <ul class="cards">
        {cards.map(([title, value, note, parts]) => (
          <li key={title} class={title.startsWith("Died") && dead > 0 ? "card bad" : "card"}>
            <h2>{parts ? <a href={hrefTo(parts)}>{title}</a> : title}</h2>
            <p class="figure">{value}</p>
            <p class="faint">{note}</p>
          </li>
        ))}
      </ul>
      {(now.breakers_open > 0 || now.pauses_in_force > 0 || now.tasks.quarantined > 0) && (
        <div class="notice warn">
          {now.breakers_open > 0 && (
            <p>
              {now.breakers.length > 0
                ? `Targets that are left alone for now: ${now.breakers.map((one) => one.destination).join(", ")}.`
                : "A target is left alone for now."}{" "}
              <a href={hrefTo(["server"])}>Breakers</a>
            </p>
          )}
          {now.pauses_in_force > 0 && (
            <p>
              A pause of many tasks is in force. <a href={hrefTo(["server"])}>Pauses</a>
            </p>
          )}
          {now.tasks.quarantined > 0 && (
            <p>
              <a href={hrefTo(["tasks"], { state: "quarantined" })}>{counted(now.tasks.quarantined)} quarantined</a>:
              their stored definitions cannot be used.
            </p>
          )}
        </div>
      )}
    </>
  );
}

const kOutcomes = [
  { label: "succeeded", color: "--good", fill: true },
  { label: "dead", color: "--bad" },
  { label: "skipped", color: "--calm" },
] as const;

function Charts({ stats: { series } }: { stats: Stats }) {
  if (series.length < 2) return null;
  const times = series.map((step) => Date.parse(step.end) / 1000);
  const perMinute = kOutcomes.map((outcome) =>
    series.map((step) => (step.runs[outcome.label] * 60) / Math.max(1, step.seconds)),
  );
  const lateness = [series.map((step) => step.lateness_p50_ms), series.map((step) => step.lateness_p99_ms)];
  const last = series[series.length - 1];
  return (
    <div class="columns">
      <Chart
        title="Runs a minute"
        times={times}
        lines={[...kOutcomes]}
        values={perMinute}
        summary={`last ${kOutcomes.map((one, i) => `${Math.round(perMinute[i]?.at(-1) ?? 0)} ${one.label}`).join(", ")}`}
      />
      <Chart
        title="Lateness"
        text={lasting}
        times={times}
        lines={[
          { label: "p50", color: "--accent" },
          { label: "p99", color: "--warn" },
        ]}
        values={lateness}
        summary={`last p99 ${late(last?.lateness_p99_ms ?? null)}`}
      />
    </div>
  );
}

function NextUp({ next }: { next: Loaded<NextDue> }) {
  return (
    <section>
      <h2>Next up</h2>
      {next.problem && <ProblemNotice problem={next.problem} retry={next.again} />}
      {next.value && !next.value.complete && (
        <p class="faint">
          {next.value.tasks.length > 0 ? "The first" : "None"} of the tasks that could be looked at in{" "}
          {lasting(kSearchMs)}.
        </p>
      )}
      {next.value?.complete && next.value.tasks.length === 0 && !next.problem && (
        <Empty command={"hourwheel task create --every 1m --url https://example.com/hook"}>
          Nothing is due. Make {may("tasks:write") ? <a href={hrefTo(["new"])}>a new task</a> : "a task"}, or with:
        </Empty>
      )}
      <ul class="rows">
        {next.value?.tasks.map((task) => (
          <li key={task.id}>
            <a class="name" href={hrefTo(["tasks", task.id])}>
              {task.id}
            </a>
            <Time at={task.next_due_at} relative="only" />
          </li>
        ))}
      </ul>
    </section>
  );
}

// While the server is away that there were none says nothing of now.
function Failures({ away }: { away: boolean }) {
  const failures = useLoad(
    async (signal) =>
      (await call<RunPage>("GET", "/v1/runs", { query: { state: "dead", page_size: kFailures }, signal })).body.runs,
    "failures",
  );
  const list = useRef<HTMLUListElement>(null);
  const [fresh, setFresh] = useState(0);
  const [told, setTold] = useState("");
  const show = () => {
    setFresh(0);
    failures.again();
  };
  useEffect(
    () =>
      onChange((change) => {
        if (change.type === "gap") return show();
        if (change.type !== "run.ended" || change.run.state !== "dead") return undefined;
        const { run } = change;
        setTold(`A run of ${run.task_id} is dead.`);
        if (!isUnread(list.current)) return setFresh((before) => before + 1);
        failures.set((runs: Run[]) => [run, ...runs.filter((one) => one.id !== run.id)].slice(0, kFailures));
        return undefined;
      }),
    [],
  );
  return (
    <section>
      <h2>Latest failures</h2>
      {failures.problem && <ProblemNotice problem={failures.problem} retry={failures.again} />}
      {failures.value?.length === 0 && !failures.problem && !away && <p class="faint">None: no run is dead.</p>}
      <p class="hidden" aria-live="polite">
        {told}
      </p>
      <Fresh count={fresh} word="failure" show={show} />
      <ul ref={list} class="rows">
        {failures.value?.map((run) => (
          <li key={run.id}>
            <StateBadge state={run.state} />
            <a class="name" href={hrefTo(["runs", run.id])}>
              {run.task_id ?? run.id}
            </a>
            <span class="what faint">{run.error?.message}</span>
            <Time at={run.ended_at} relative="only" />
          </li>
        ))}
      </ul>
    </section>
  );
}
