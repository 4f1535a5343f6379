// The runs whose attempts all failed, kept for 30 days: found, looked at, redriven or deleted, one by
// one or all that match.
import { useEffect, useState } from "preact/hooks";
import { call } from "../api/client.ts";
import type { Run, RunPage } from "../api/types.ts";
import { may } from "../state/session.ts";
import { kResultChoices } from "../view/attempt_results.ts";
import { DeadBulk, type BulkAction } from "../dead/dead_bulk.tsx";
import { deadFilter, kDeadFilters, type DeadFilter } from "../dead/dead_filter.ts";
import { DeadTable } from "../dead/dead_table.tsx";
import { More } from "../view/more.tsx";
import { Empty, Loading, ProblemNotice } from "../view/notice.tsx";
import { usePaged } from "../view/paged.ts";
import { ClearFilters, queried, QueryField, QueryInstant, QuerySelect } from "../view/query_field.tsx";

const kLookAgainMs = 1_500;

export function DeadLetters() {
  const filter = deadFilter();
  // With the filter as it was then: the address may change under the dialog.
  const [bulk, setBulk] = useState<{ action: BulkAction; filter: DeadFilter }>();
  const [told, setTold] = useState("");
  const list = usePaged<Run>(async (token, signal) => {
    const { body } = await call<RunPage>("GET", "/v1/runs", { query: { ...filter, page_token: token }, signal });
    return { rows: body.runs, next: body.next_page_token };
  }, JSON.stringify(filter));
  const [redriven, setRedriven] = useState<Run>();
  const gone = (run: Run) => {
    setTold(`The run of ${run.task_id ?? "a deleted task"} is open again.`);
    list.setRows((rows) => rows.filter((row) => row.id !== run.id));
    setRedriven(run);
  };
  // It may die again at once: then it is back in the list.
  const { setRows } = list;
  useEffect(() => {
    if (!redriven) return undefined;
    const control = new AbortController();
    const { signal } = control;
    const look = async () => {
      const { body } = await call<Run>("GET", `/v1/runs/${encodeURIComponent(redriven.id)}`, { signal });
      if (signal.aborted || (body.state !== "dead" && body.state !== "succeeded")) return;
      const name = body.task_id ?? "a deleted task";
      setTold(body.state === "dead" ? `The run of ${name} died again.` : `The run of ${name} succeeded.`);
      if (body.state === "dead") setRows((rows) => [body, ...rows.filter((row) => row.id !== body.id)]);
    };
    const timer = setTimeout(() => void look().catch(() => undefined), kLookAgainMs);
    return () => {
      clearTimeout(timer);
      control.abort();
    };
  }, [redriven]);
  return (
    <>
      <h1>Dead letters</h1>
      <DeadFilters />
      <div class="toolbar">
        <button type="button" disabled={list.loading} onClick={list.again}>
          Look again
        </button>
        <ClearFilters names={kDeadFilters} />
        {may("tasks:trigger") && list.rows.length > 0 && (
          <>
            <button type="button" onClick={() => setBulk({ action: "redrive", filter })}>
              Redrive all that match …
            </button>
            <button type="button" class="danger" onClick={() => setBulk({ action: "delete", filter })}>
              Delete all that match …
            </button>
          </>
        )}
      </div>
      <p aria-live="polite">{told}</p>
      {list.problem && <ProblemNotice problem={list.problem} retry={list.again} />}
      {list.rows.length > 0 && <DeadTable runs={list.rows} gone={gone} />}
      {list.rows.length === 0 && list.loading && <Loading what="dead letters" />}
      {list.rows.length === 0 && !list.loading && list.ended && <Nothing />}
      {(list.rows.length > 0 || !list.ended) && !list.problem && <More list={list} word="dead letter" />}
      {bulk && (
        <DeadBulk {...bulk} close={() => setBulk(undefined)} changed={list.again} />
      )}
    </>
  );
}

function DeadFilters() {
  return (
    <div class="fields" role="search">
      <QueryField name="error" label="Error text" search />
      <QueryField name="task_id" label="Task" />
      <QueryField name="label" label="Labels" hint="team:billing; several with commas" />
      <QuerySelect name="result" label="Last attempt" choices={kResultChoices} />
      <QueryInstant name="due_after" label="Due from" />
      <QueryInstant name="due_before" label="Due before" />
    </div>
  );
}

function Nothing() {
  if (kDeadFilters.some((name) => queried(name))) {
    return (
      <Empty>
        No dead letter matches. <ClearFilters names={kDeadFilters} />
      </Empty>
    );
  }
  return (
    <Empty command="hourwheel run list">
      Nothing has died in the last 30 days. A run lands here when its last attempt has failed. The same list on
      the command line:
    </Empty>
  );
}
