// How it is going, at a glance: what waits, what runs, what failed, how late; what comes next.
import { useEffect } from "preact/hooks";
import { onChange } from "../api/changes.ts";
import { call } from "../api/client.ts";
import type { Run, RunPage, Stats, Task, TaskPage } from "../api/types.ts";
import { hrefTo } from "../place.ts";
import { may } from "../state/session.ts";
import { Chart } from "../view/chart.tsx";
import { useLoad, type Loaded } from "../view/load.ts";
import { isNarrowed } from "../view/reach.ts";
import { Empty, Loading, ProblemNotice } from "../view/notice.tsx";
import { StateBadge } from "../view/state_badge.tsx";
import { counted, lasting } from "../view/text.ts";
import { Time } from "../view/time.tsx";

const kAgainMs = 10_000;
const kSoonest = 8;
const kFailures = 8;

// Of many tasks the soonest of a page stand for all: the list is not in the order of due instants.
async function soonest(signal: AbortSignal): Promise<Task[]> {
  for (const minutes of [5, 60, 24 * 60, 366 * 24 * 60]) {
    const before = new Date(Date.now() + minutes * 60_000).toISOString();
    const query = { view: "basic", state: "active", next_due_before: before, page_size: 200 };
    const { tasks } = (await call<TaskPage>("GET", "/v1/tasks", { query, signal })).body;
    if (tasks.length < kSoonest && minutes < 24 * 60) continue;
    return tasks
      .filter((task) => task.next_due_at)
      .sort((a, b) => (a.next_due_at ?? "").localeCompare(b.next_due_at ?? ""))
      .slice(0, kSoonest);
  }
  return [];
}

// Again every ten seconds, and at once when a stream has lost something.
function useFresh<T>(load: (signal: AbortSignal) => Promise<T>, key: string): Loaded<T> {
  const loaded = useLoad(load, key);
  useEffect(() => {
    const timer = setInterval(() => document.visibilityState === "visible" && loaded.again(), kAgainMs);
    return () => clearInterval(timer);
  }, []);
  return loaded;
}

export function Overview() {
  const next = useFresh(soonest, "next");
  return (
    <>
      <h1>Overview</h1>
      {!isNarrowed() && <Figures />}
      <div class="columns">
        <NextUp next={next} />
        {may("runs:read") && <Failures />}
      </div>
    </>
  );
}

function Figures() {
  const stats = useFresh(
    async (signal) => (await call<Stats>("GET", "/v1/stats", { signal })).body,
    "stats",
  );
  return (
    <>
      {stats.problem && <ProblemNotice problem={stats.problem} retry={stats.again} />}
      {!stats.value && !stats.problem && <Loading what="the figures" />}
      {stats.value && (
        <>
          <Cards stats={stats.value} />
          <Charts stats={stats.value} />
        </>
      )}
    </>
  );
}

function Cards({ stats: { now, since_start: since, series } }: { stats: Stats }) {
  const dead = series.reduce((sum, step) => sum + step.runs.dead, 0);
  const late = (ms: number | null) => (ms === null ? "–" : lasting(ms));
  const cards: [title: string, value: string, note: string, parts?: string[]][] = [
    ["Active tasks", counted(now.tasks.active), `${counted(now.tasks.paused)} paused · ${counted(now.tasks.completed)} completed`, ["tasks"]],
    ["In flight", counted(now.runs_in_flight), `${counted(now.runs_waiting)} wait for their target`, ["runs"]],
    ["Due soon", counted(now.tasks_due_soon), "within about 20 minutes", ["timeline"]],
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
  const late = [series.map((step) => step.lateness_p50_ms), series.map((step) => step.lateness_p99_ms)];
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
        unit=" ms"
        times={times}
        lines={[
          { label: "p50", color: "--accent" },
          { label: "p99", color: "--warn" },
        ]}
        values={late}
        summary={`last p99 ${last?.lateness_p99_ms ?? "none"} ms`}
      />
    </div>
  );
}

function NextUp({ next }: { next: Loaded<Task[]> }) {
  return (
    <section>
      <h2>Next up</h2>
      {next.problem && <ProblemNotice problem={next.problem} retry={next.again} />}
      {next.value?.length === 0 && (
        <Empty command={"hourwheel task create --every 1m --url https://example.com/hook"}>Nothing is due. Make a task:</Empty>
      )}
      <ul class="rows">
        {next.value?.map((task) => (
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

function Failures() {
  const failures = useLoad(
    async (signal) =>
      (await call<RunPage>("GET", "/v1/runs", { query: { state: "dead", page_size: kFailures }, signal })).body.runs,
    "failures",
  );
  useEffect(
    () =>
      onChange((change) => {
        if (change.type === "gap") return failures.again();
        if (change.type !== "run.ended" || change.run.state !== "dead") return;
        failures.set((runs: Run[]) =>
          [change.run, ...runs.filter((run) => run.id !== change.run.id)].slice(0, kFailures),
        );
      }),
    [],
  );
  return (
    <section>
      <h2>Latest failures</h2>
      {failures.problem && <ProblemNotice problem={failures.problem} retry={failures.again} />}
      {failures.value?.length === 0 && <p class="faint">None: no run is dead.</p>}
      <ul class="rows" aria-live="polite">
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
