// What will run in the next day or week, and where it piles up.
import { useMemo, useState } from "preact/hooks";
import { changeQuery, hrefTo } from "../place.ts";
import { Empty, Loading, ProblemNotice } from "../view/notice.tsx";
import { useLoad } from "../view/load.ts";
import { labelsOf } from "../view/label_filter.ts";
import { queried, QueryField } from "../view/query_field.tsx";
import { Tabs } from "../view/tabs.tsx";
import { clockTime, counted, plural, shownZone, zoneName } from "../view/text.ts";
import { Bars, binText, BinTable } from "../timeline/timeline_bars.tsx";
import { binsOf, busiestSecond, type Bin } from "../timeline/timeline_bins.ts";
import { gather, kMostTasks, kMostTimes, type Gathered } from "../timeline/timeline_gather.ts";

const kMinuteMs = 60_000;
const kHourMs = 60 * kMinuteMs;
const kSpans = {
  "24h": { name: "24 hours", spanMs: 24 * kHourMs, stepMs: 15 * kMinuteMs, step: "15 minutes" },
  "7d": { name: "7 days", spanMs: 7 * 24 * kHourMs, stepMs: 2 * kHourMs, step: "2 hours" },
} as const;
type SpanName = keyof typeof kSpans;
const kSpanNames = [
  ["24h", kSpans["24h"].name],
  ["7d", kSpans["7d"].name],
] as const;

function spanName(): SpanName {
  return queried("span") === "7d" ? "7d" : "24h";
}

function offsetOf(instant: number, zone: string | undefined): number {
  const whole = Math.floor(instant / 1_000) * 1_000;
  return Date.parse(clockTime(new Date(whole), zone).replace(" ", "T") + "Z") - whole;
}

export function Timeline() {
  const name = spanName();
  const span = kSpans[name];
  const filter = { q: queried("q"), label: labelsOf(queried("label")) };
  const [progress, setProgress] = useState("");
  const loaded = useLoad<Gathered>(
    (signal) =>
      gather({
        spanMs: span.spanMs,
        filter,
        signal,
        progress: (done, of) => signal.aborted || setProgress(`${done} of ${of} tasks`),
      }),
    JSON.stringify([name, filter]),
  );
  const { value, problem, loading } = loaded;
  return (
    <>
      <h1>Timeline</h1>
      <Tabs
        label="Span"
        names={kSpanNames}
        chosen={name}
        choose={(one) => changeQuery({ span: one, at: undefined })}
      />
      <div class="toolbar">
        <button type="button" disabled={loading} onClick={loaded.again}>
          Look again
        </button>
        <span class="faint">
          <span role="status">
            {loading ? "Looking …" : value ? `as of ${clockTime(new Date(value.at), shownZone())}` : ""}
          </span>{" "}
          {loading && progress}
        </span>
      </div>
      <div class="fields" role="search">
        <QueryField name="q" label="Search" hint="id, description, label, URL or payload" search />
        <QueryField name="label" label="Labels" hint="team:billing; several with commas" />
      </div>
      {problem && <ProblemNotice problem={problem} retry={loaded.again} />}
      {!value && loading && <Loading what="what will run" />}
      {value && <Shown gathered={value} stepMs={span.stepMs} step={span.step} />}
    </>
  );
}

function Shown({ gathered, stepMs, step }: { gathered: Gathered; stepMs: number; step: string }) {
  const zone = shownZone();
  const bins = useMemo(
    () => binsOf(gathered, stepMs, offsetOf(gathered.at, zone)),
    [gathered, stepMs, zone],
  );
  const [hovered, setHovered] = useState<number>();
  const kept = bins.findIndex((bin) => bin.from <= Date.parse(queried("at")) && Date.parse(queried("at")) < bin.to);
  const first = Math.max(0, bins.findIndex((bin) => bin.count > 0));
  const chosen = kept >= 0 ? kept : (hovered ?? first);
  const choose = (index: number, keep: boolean) => {
    const bin = bins[index];
    if (!keep) return setHovered(index);
    if (bin) changeQuery({ at: new Date(bin.from).toISOString() });
  };
  const sum = bins.reduce((before, bin) => before + bin.count, 0);
  const shown = bins[chosen];
  return (
    <>
      <p>
        {plural(sum, "run")} of {plural(gathered.dues.length, "task")}, by {step}, in {zoneName(zone)}.
      </p>
      <Limits gathered={gathered} />
      {sum === 0 ? (
        <Empty command="hourwheel task list">Nothing is due in this time. The tasks there are:</Empty>
      ) : (
        <>
          <Bars bins={bins} chosen={chosen} choose={choose} />
          {shown && <InBar bin={shown} kept={kept >= 0} />}
          <BinTable bins={bins} />
        </>
      )}
    </>
  );
}

// What the picture does not show.
function Limits({ gathered }: { gathered: Gathered }) {
  const dense = gathered.dues.filter((dues) => dues.rest).length;
  if (gathered.complete && dense === 0 && gathered.paused === 0) return null;
  return (
    <div class="notice warn">
      <ul>
        {!gathered.complete && (
          <li>
            Only the first {plural(gathered.tasks, "task")} that fit were looked at (at most {kMostTasks}), in the order
            in which they were made: there is more than this shows. A filter narrows it.
          </li>
        )}
        {dense > 0 && (
          <li>
            {plural(dense, "task")} will run more than {counted(kMostTimes)} times: what is behind that is an estimate at
            the same pace.
          </li>
        )}
        {gathered.paused > 0 && (
          <li>{plural(gathered.paused, "task")} held by a pause of many tasks: left out.</li>
        )}
      </ul>
    </div>
  );
}

const kMostShown = 60;

function InBar({ bin, kept }: { bin: Bin; kept: boolean }) {
  const tasks = [...bin.tasks].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  const busiest = busiestSecond(bin);
  const letGo = () => {
    document.querySelector<HTMLElement>("main [role=slider]")?.focus(); // the button goes
    changeQuery({ at: undefined });
  };
  return (
    <section>
      <h2>{binText(bin)}</h2>
      {kept && (
        <p>
          <button type="button" class="plain" onClick={letGo}>
            Let go of this bar
          </button>
        </p>
      )}
      {busiest && busiest.count > 1 && (
        <p>
          The busiest second is {clockTime(new Date(busiest.at), shownZone()).slice(11)}, with{" "}
          {plural(busiest.count, "run")}.
        </p>
      )}
      {tasks.length === 0 && <p class="faint">Nothing is due in it.</p>}
      <ul class="timeline-tasks">
        {tasks.slice(0, kMostShown).map(([id, count]) => (
          <li key={id}>
            <a href={hrefTo(["tasks", id])} title={id}>
              {id}
            </a>
            {count > 1 && <span class="faint"> {counted(count)}×</span>}
          </li>
        ))}
      </ul>
      {tasks.length > kMostShown && <p class="faint">and {plural(tasks.length - kMostShown, "more task")}</p>}
    </section>
  );
}
