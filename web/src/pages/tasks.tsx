// All tasks: found by the server, page by page; changed in place while they are looked at; acted on
// by what matches.
import { useEffect, useState } from "preact/hooks";
import { onChange } from "../api/changes.ts";
import { call } from "../api/client.ts";
import type { Task, TaskPage } from "../api/types.ts";
import { changeQuery, hrefTo, place } from "../place.ts";
import { may } from "../state/session.ts";
import { ChipFilter } from "../view/chip_filter.tsx";
import { More } from "../view/more.tsx";
import { Empty, Loading, ProblemNotice } from "../view/notice.tsx";
import { QueryField, QueryInstant } from "../view/query_field.tsx";
import { usePaged, type Paged } from "../view/paged.ts";
import { plural } from "../view/text.ts";
import { BulkActions } from "../tasks/bulk_actions.tsx";
import { filterOf, kListFilters } from "../tasks/filter.ts";
import { TaskTable, type Order } from "../tasks/task_table.tsx";
import { TransferActions } from "../tasks/transfer.tsx";

const kPageSize = 100;

function useTasks(): Paged<Task> {
  const query = filterOf(place.value.query);
  return usePaged<Task>(async (token, signal) => {
    const asked = { ...query, view: "basic", page_size: kPageSize, page_token: token };
    const { body } = await call<TaskPage>("GET", "/v1/tasks", { query: asked, signal });
    return { rows: body.tasks, next: body.next_page_token };
  }, JSON.stringify(query));
}

// Rows change where they are; what is new is told, and comes when the reader wants it.
function useLive(list: Paged<Task>): number {
  const [fresh, setFresh] = useState(0);
  useEffect(() => {
    setFresh(0);
    return onChange((change) => {
      if (change.type === "gap") return void (list.refresh() || setFresh((before) => before + 1));
      if ("run" in change) return undefined;
      const { task } = change;
      if (change.type === "task.created") setFresh((before) => before + 1);
      list.setRows((rows) => {
        if (!rows.some((row) => row.id === task.id)) return rows;
        if (change.type === "task.deleted") return rows.filter((row) => row.id !== task.id);
        return rows.map((row) => (row.id === task.id ? { ...row, ...task } : row));
      });
      return undefined;
    });
  }, [list.setRows, list.rows.length === 0]);
  return fresh;
}

export function Tasks() {
  const list = useTasks();
  const fresh = useLive(list);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const order = (place.value.query.get("order") ?? "") as Order;
  const filtered = kListFilters.some((name) => place.value.query.get(name));
  return (
    <>
      <div class="toolbar">
        <h1>Tasks</h1>
        <span class="spring" />
        <TransferActions imported={list.again} />
        {may("tasks:write") && (
          <a class="button primary" href={hrefTo(["new"])}>
            New task
          </a>
        )}
      </div>
      <div class="filters" role="search">
        <QueryField name="q" label="Search" hint="id, description, label, URL or payload" search />
        <QueryField name="label" label="Label" hint="team:billing" />
        <QueryField name="target_host" label="Target's host" hint="example.com" />
        <details open={["schedule_kind", "last_result", "next_due_after", "next_due_before"].some((name) => place.value.query.get(name))}>
          <summary>More filters</summary>
          <ChipFilter name="schedule_kind" label="Schedule" of={["cron", "every", "at", "rrule", "fixed_delay"]} />
          <ChipFilter name="last_result" label="Last run" of={["succeeded", "dead", "skipped", "canceled", "unknown"]} />
          <QueryInstant name="next_due_after" label="Due from" />
          <QueryInstant name="next_due_before" label="Due before" />
        </details>
        <ChipFilter name="state" label="State" of={["active", "paused", "completed", "quarantined"]} />
        {filtered && (
          <button
            type="button"
            class="plain"
            onClick={() => changeQuery(Object.fromEntries(kListFilters.map((name) => [name, undefined])))}
          >
            Clear all filters
          </button>
        )}
      </div>
      <BulkActions list={list} chosen={chosen} setChosen={setChosen} />
      {fresh > 0 && (
        <p aria-live="polite">
          <button type="button" class="plain" onClick={list.again}>
            {plural(fresh, "new task")} since: show
          </button>
        </p>
      )}
      {list.problem && <ProblemNotice problem={list.problem} retry={list.again} />}
      {list.rows.length > 0 && (
        <TaskTable
          tasks={list.rows}
          order={order}
          reorder={(next) => changeQuery({ order: next })}
          chosen={chosen}
          choose={setChosen}
        />
      )}
      {list.rows.length === 0 && list.loading && <Loading what="tasks" />}
      {list.rows.length === 0 && list.ended && !list.problem && (
        filtered ? (
          <Empty>No task matches.</Empty>
        ) : (
          <Empty command={"hourwheel task create --cron '0 9 * * 1-5' --url https://example.com/hook"}>
            There are no tasks yet. Make one here, or with:
          </Empty>
        )
      )}
      <More list={list} word="task" />
    </>
  );
}
