// The runs of one task, newest first: a strip of outcomes, how long and how late, and the list.
import { useEffect, useState } from "preact/hooks";
import { onChange } from "../api/changes.ts";
import { call } from "../api/client.ts";
import type { Run, RunPage, Task } from "../api/types.ts";
import { hrefTo } from "../place.ts";
import { More } from "../view/more.tsx";
import { Empty, Loading, ProblemNotice } from "../view/notice.tsx";
import { usePaged } from "../view/paged.ts";
import { RunTable } from "../view/run_table.tsx";
import { Sparkline } from "../view/sparkline.tsx";
import { lasting, plural, words, zoneOf } from "../view/text.ts";

const kStrip = 50;

export function TaskRuns({ task }: { task: Task }) {
  const path = `/v1/tasks/${encodeURIComponent(task.id)}/runs`;
  const list = usePaged<Run>(async (token, signal) => {
    const query = { page_size: 100, page_token: token };
    const { body } = await call<RunPage>("GET", path, { query, signal });
    return { rows: body.runs, next: body.next_page_token };
  }, task.id);
  const [fresh, setFresh] = useState(0);
  useEffect(
    () =>
      onChange((change) => {
        if (change.type === "gap") return void (list.refresh() || setFresh((before) => before + 1));
        if (!("run" in change) || change.run.task_id !== task.id) return undefined;
        const { run } = change;
        list.setRows((rows) => {
          const at = rows.findIndex((row) => row.id === run.id);
          if (at >= 0) return rows.with(at, { ...rows[at], ...run });
          return scrollY < 200 ? [run, ...rows] : rows; // never under a reader further down
        });
        if (scrollY >= 200) setFresh((before) => before + 1);
        return undefined;
      }),
    [task.id],
  );
  const ended = list.rows.filter((run) => run.ended_at).slice(0, kStrip).reverse();
  return (
    <section aria-label="Runs">
      {list.problem && <ProblemNotice problem={list.problem} retry={list.again} />}
      {ended.length > 1 && (
        <div class="strip">
          <ol aria-label={`The last ${plural(ended.length, "run")}`}>
            {ended.map((run) => (
              <li key={run.id}>
                <a
                  href={hrefTo(["runs", run.id])}
                  class={run.state}
                  title={`${words(run.state)}, due ${run.due_at}`}
                  aria-label={`${words(run.state)}, due ${run.due_at}`}
                />
              </li>
            ))}
          </ol>
          <Sparkline title="Took" values={ended.map((run) => run.duration_ms)} text={lasting} />
          <Sparkline title="Late" values={ended.map((run) => run.lateness_ms)} text={lasting} />
        </div>
      )}
      {fresh > 0 && (
        <p aria-live="polite">
          <button type="button" class="plain" onClick={() => { setFresh(0); list.again(); }}>
            {plural(fresh, "new run")}: show
          </button>
        </p>
      )}
      {list.rows.length > 0 && (
        <RunTable caption={`Runs of ${task.id}`} runs={list.rows} ofOneTask zone={zoneOf(task.schedule)} />
      )}
      {list.rows.length === 0 && list.loading && <Loading what="its runs" />}
      {list.rows.length === 0 && list.ended && (
        <Empty command={`hourwheel task run ${task.id} --wait`}>It has not run yet. To run it now:</Empty>
      )}
      <More list={list} word="run" />
    </section>
  );
}
