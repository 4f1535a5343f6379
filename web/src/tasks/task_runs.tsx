// The runs of one task, newest first: a strip of outcomes, how long and how late, and the list.
import { useEffect, useRef, useState } from "preact/hooks";
import { onChange } from "../api/changes.ts";
import { call } from "../api/client.ts";
import type { Run, RunPage, Task } from "../api/types.ts";
import { hrefTo } from "../place.ts";
import { Fresh } from "../view/fresh.tsx";
import { More } from "../view/more.tsx";
import { Empty, Loading, ProblemNotice } from "../view/notice.tsx";
import { usePaged, type Paged } from "../view/paged.ts";
import { RunTable } from "../view/run_table.tsx";
import { Sparkline } from "../view/sparkline.tsx";
import { lasting, plural, words, zoneOf } from "../view/text.ts";
import { isUnread } from "../view/unread.ts";

const kStrip = 50;
const kPageSize = 100;
const kMostRows = 3 * kPageSize; // that come by themselves

// A run that is listed changes where it is. A new one comes in at the top while nobody reads the list;
// else it is counted, and comes when the reader wants it.
function useNew(
  taskId: string,
  list: Paged<Run>,
  table: { current: HTMLElement | null },
): [count: number, show: () => void] {
  const [fresh, setFresh] = useState<ReadonlySet<string>>(new Set());
  const rows = useRef(list.rows);
  rows.current = list.rows;
  useEffect(
    () =>
      onChange((change) => {
        const offer = (id: string) => setFresh((before) => new Set(before).add(id));
        const renew = (id: string) => (list.refresh() ? setFresh(new Set()) : offer(id));
        if (change.type === "gap") return renew("");
        if (!("run" in change) || change.run.task_id !== taskId) return undefined;
        const { run } = change;
        const isKnown = rows.current.some((row) => row.id === run.id);
        const isFree = isUnread(table.current);
        if (isKnown || (isFree && rows.current.length < kMostRows)) {
          return list.setRows((before) => withRun(before, run));
        }
        return isFree ? renew(run.id) : offer(run.id);
      }),
    [taskId],
  );
  const show = () => {
    setFresh(new Set());
    list.again();
  };
  return [fresh.size, show];
}

function withRun(rows: Run[], run: Run): Run[] {
  const at = rows.findIndex((row) => row.id === run.id);
  return at < 0 ? [run, ...rows] : rows.with(at, run);
}

export function TaskRuns({ task }: { task: Task }) {
  const path = `/v1/tasks/${encodeURIComponent(task.id)}/runs`;
  const list = usePaged<Run>(async (token, signal) => {
    const query = { page_size: kPageSize, page_token: token };
    const { body } = await call<RunPage>("GET", path, { query, signal });
    return { rows: body.runs, next: body.next_page_token };
  }, task.id);
  const table = useRef<HTMLDivElement>(null);
  const [fresh, show] = useNew(task.id, list, table);
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
      <Fresh count={fresh} word="new run" show={show} />
      {list.rows.length > 0 && (
        <div ref={table}>
          <RunTable caption={`Runs of ${task.id}`} runs={list.rows} ofOneTask zone={zoneOf(task.schedule)} />
        </div>
      )}
      {list.rows.length === 0 && list.loading && <Loading what="its runs" />}
      {list.rows.length === 0 && list.ended && (
        <Empty command={`hourwheel task run ${task.id} --wait`}>It has not run yet. To run it now:</Empty>
      )}
      <More list={list} word="run" />
    </section>
  );
}
