// Runs over all tasks, recorded last first; or those that are open.
import { useEffect, useState } from "preact/hooks";
import { onChange } from "../api/changes.ts";
import { call } from "../api/client.ts";
import type { Run, RunPage } from "../api/types.ts";
import { changeQuery, place } from "../place.ts";
import { ChipFilter } from "../view/chip_filter.tsx";
import { Fresh } from "../view/fresh.tsx";
import { labelsOf } from "../view/label_filter.ts";
import { More } from "../view/more.tsx";
import { Empty, Loading, ProblemNotice } from "../view/notice.tsx";
import { QueryField, QueryInstant } from "../view/query_field.tsx";
import { usePaged } from "../view/paged.ts";
import { Tabs } from "../view/tabs.tsx";
import { RunTable } from "../view/run_table.tsx";

const kRecorded = ["succeeded", "dead", "retrying", "canceled", "skipped", "unknown"] as const;

function filterHere(): Record<string, string | string[] | undefined> {
  const { query } = place.value;
  return {
    state: query.get("open") ? "pending,running" : (query.get("state") ?? undefined),
    task_id: query.get("task_id") ?? undefined,
    label: labelsOf(query.get("label") ?? ""),
    trigger: query.get("trigger") ?? undefined,
    error: query.get("error") ?? undefined,
    due_after: query.get("due_after") ?? undefined,
    due_before: query.get("due_before") ?? undefined,
  };
}

const kKinds = [
  ["", "Ended and retried"],
  ["1", "Open"],
] as const;

export function Runs() {
  const filter = filterHere();
  const open = place.value.query.get("open") !== null;
  const key = JSON.stringify(filter);
  const list = usePaged<Run>(async (token, signal) => {
    const query = { ...filter, page_size: 100, page_token: token };
    const { body } = await call<RunPage>("GET", "/v1/runs", { query, signal });
    return { rows: body.runs, next: body.next_page_token };
  }, key);
  const [fresh, setFresh] = useState(0);
  useEffect(() => {
    setFresh(0);
    return onChange((change) => {
      if (change.type === "gap" && list.refresh()) return setFresh(0);
      if (change.type.startsWith("task.")) return undefined;
      return setFresh((before) => before + 1);
    });
  }, [key]);
  const show = () => {
    setFresh(0);
    list.again();
  };
  return (
    <>
      <h1>Runs</h1>
      <Tabs
        label="Which runs"
        names={kKinds}
        chosen={open ? "1" : ""}
        choose={(kind) => changeQuery({ open: kind })}
      />
      <div class="filters" role="search">
        {!open && <QueryField name="error" label="Error" hint="part of its message" search />}
        <QueryField name="task_id" label="Task" hint="id" />
        <QueryField name="label" label="Label" hint="team:billing, env:prod" />
        <QueryInstant name="due_after" label="Due from" />
        <QueryInstant name="due_before" label="Due before" />
        {!open && <ChipFilter name="state" label="State" of={kRecorded} />}
        <ChipFilter name="trigger" label="Trigger" of={["schedule", "manual", "backfill"]} />
      </div>
      <Fresh count={fresh} word="change" title="This list does not change by itself: it is loaded anew" show={show} />
      {list.problem && <ProblemNotice problem={list.problem} retry={list.again} />}
      {list.rows.length > 0 && <RunTable caption="Runs" runs={list.rows} />}
      {list.rows.length === 0 && list.loading && <Loading what="runs" />}
      {list.rows.length === 0 && list.ended && !list.problem && (
        <Empty command="hourwheel task run ID --wait">{open ? "No run is open now." : "No run matches. To make one:"}</Empty>
      )}
      <More list={list} word={open ? "run" : "row"} />
    </>
  );
}
