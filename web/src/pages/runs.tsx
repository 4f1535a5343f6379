// Runs over all tasks, recorded last first; or those that are open.
import { useEffect, useState } from "preact/hooks";
import { onChange } from "../api/changes.ts";
import { call } from "../api/client.ts";
import type { Run, RunPage } from "../api/types.ts";
import { changeQuery, place } from "../place.ts";
import { labelsIn } from "../tasks/filter.ts";
import { ChipFilter } from "../view/chip_filter.tsx";
import { More } from "../view/more.tsx";
import { Empty, Loading, ProblemNotice } from "../view/notice.tsx";
import { QueryField, QueryInstant } from "../view/query_field.tsx";
import { usePaged } from "../view/paged.ts";
import { RunTable } from "../view/run_table.tsx";
import { plural } from "../view/text.ts";

const kOpen = ["pending", "running"] as const;
const kEnded = ["succeeded", "dead", "retrying", "canceled", "skipped", "unknown"] as const;

function filterHere(): Record<string, string | string[] | undefined> {
  const { query } = place.value;
  return {
    state: query.get("open") ? kOpen.join(",") : (query.get("state") ?? undefined),
    task_id: query.get("task_id") ?? undefined,
    label: labelsIn(query.get("label") ?? ""),
    trigger: query.get("trigger") ?? undefined,
    error: query.get("error") ?? undefined,
    due_after: query.get("due_after") ?? undefined,
    due_before: query.get("due_before") ?? undefined,
  };
}

export function Runs() {
  const filter = filterHere();
  const open = place.value.query.get("open") !== null;
  const list = usePaged<Run>(async (token, signal) => {
    const query = { ...filter, page_size: 100, page_token: token };
    const { body } = await call<RunPage>("GET", "/v1/runs", { query, signal });
    return { rows: body.runs, next: body.next_page_token };
  }, JSON.stringify(filter));
  const [fresh, setFresh] = useState(0);
  useEffect(() => {
    setFresh(0);
    return onChange((change) => {
      if (change.type === "gap" && list.refresh()) return;
      if (change.type === "gap" || change.type === "run.ended" || change.type === "run.retrying") {
        setFresh((before) => before + 1);
      }
    });
  }, [list.rows]);
  return (
    <>
      <h1>Runs</h1>
      <nav class="tabs" aria-label="Which runs">
        <button type="button" aria-pressed={!open} onClick={() => changeQuery({ open: undefined })}>
          Ended and retried
        </button>
        <button type="button" aria-pressed={open} onClick={() => changeQuery({ open: "1" })}>
          Open
        </button>
      </nav>
      <div class="filters" role="search">
        {!open && <QueryField name="error" label="Error" hint="part of its message" search />}
        <QueryField name="task_id" label="Task" hint="id" />
        <QueryField name="label" label="Label" hint="team:billing" />
        <QueryInstant name="due_after" label="Due from" />
        <QueryInstant name="due_before" label="Due before" />
        {!open && <ChipFilter name="state" label="State" of={kEnded} />}
        <ChipFilter name="trigger" label="Trigger" of={["schedule", "manual", "backfill"]} />
      </div>
      {fresh > 0 && (
        <p aria-live="polite">
          <button type="button" class="plain" onClick={list.again}>
            {plural(fresh, "change")} since: show
          </button>
        </p>
      )}
      {list.problem && <ProblemNotice problem={list.problem} retry={list.again} />}
      {list.rows.length > 0 && <RunTable caption="Runs" runs={list.rows} />}
      {list.rows.length === 0 && list.loading && <Loading what="runs" />}
      {list.rows.length === 0 && list.ended && !list.problem && (
        <Empty command="hourwheel task run ID --wait">{open ? "No run is open now." : "No run matches. To make one:"}</Empty>
      )}
      <More list={list} word="run" />
    </>
  );
}
