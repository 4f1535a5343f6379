// All tasks: found by the server, page by page; changed in place while they are looked at; acted on
// by what matches.
import { useEffect, useMemo, useState } from "preact/hooks";
import { onChange } from "../api/changes.ts";
import { call } from "../api/client.ts";
import type { Task, TaskPage } from "../api/types.ts";
import { changeQuery, hrefTo, place } from "../place.ts";
import { may } from "../state/session.ts";
import { ChipFilter } from "../view/chip_filter.tsx";
import { Fresh } from "../view/fresh.tsx";
import { More } from "../view/more.tsx";
import { Empty, Loading, ProblemNotice } from "../view/notice.tsx";
import { ClearFilters, queried, QueryField, QueryInstant } from "../view/query_field.tsx";
import { usePaged, type Paged } from "../view/paged.ts";
import { BulkActions } from "../tasks/bulk_actions.tsx";
import { filterOf, kListFilters, type TaskQuery } from "../tasks/filter.ts";
import { TaskTable, type Order } from "../tasks/task_table.tsx";
import { TransferActions } from "../tasks/transfer.tsx";
import { useMade } from "../tasks/use_made.ts";

const kPageSize = 100;
const kMoreFilters = ["schedule_kind", "last_result", "next_due_after", "next_due_before"];

function useTasks(query: TaskQuery): Paged<Task> {
  return usePaged<Task>(async (token, signal) => {
    const asked = { ...query, view: "basic", page_size: kPageSize, page_token: token };
    const { body } = await call<TaskPage>("GET", "/v1/tasks", { query: asked, signal });
    return { rows: body.tasks, next: body.next_page_token };
  }, JSON.stringify(query));
}

// Rows change where they are.
function useLive(list: Paged<Task>): void {
  useEffect(
    () =>
      onChange((change) => {
        if (!("task" in change)) return;
        const { task } = change;
        list.setRows((rows) => {
          if (!rows.some((row) => row.id === task.id)) return rows;
          if (change.type === "task.deleted") return rows.filter((row) => row.id !== task.id);
          return rows.map((row) => (row.id === task.id ? { ...row, ...task } : row));
        });
      }),
    [],
  );
}

// What was shown at the top comes once more when the list is loaded to its end.
function eachOnce(tasks: Task[]): Task[] {
  const seen = new Set<string>();
  return tasks.filter(({ id }) => !seen.has(id) && seen.add(id));
}

export function Tasks() {
  const query = filterOf(place.value.query);
  const list = useTasks(query);
  useLive(list);
  const made = useMade(list, query);
  const tasks = useMemo(() => eachOnce(list.rows), [list.rows]);
  const [marked, setMarked] = useState<ReadonlySet<string>>(new Set());
  const chosen = useMemo(
    () => new Set(tasks.map((task) => task.id).filter((id) => marked.has(id))),
    [tasks, marked],
  );
  const [opened] = useState(() => kMoreFilters.some(queried));
  const order = (place.value.query.get("order") ?? "") as Order;
  const filtered = kListFilters.some(queried);
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
        <QueryField name="label" label="Label" hint="team:billing, env:prod" />
        <QueryField name="target_host" label="Target's host" hint="example.com" />
        <ChipFilter name="state" label="State" of={["active", "paused", "completed", "quarantined"]} />
        <details open={opened}>
          <summary>More filters</summary>
          <div class="filters">
            <QueryInstant name="next_due_after" label="Due from" />
            <QueryInstant name="next_due_before" label="Due before" />
            <ChipFilter name="schedule_kind" label="Schedule" of={["cron", "every", "at", "rrule", "fixed_delay"]} />
            <ChipFilter name="last_result" label="Last run" of={["succeeded", "dead", "skipped", "canceled", "unknown"]} />
          </div>
        </details>
        <ClearFilters names={kListFilters} />
      </div>
      <BulkActions list={list} chosen={chosen} setChosen={setMarked} />
      <Fresh {...made} word="new task" />
      {made.problem && <ProblemNotice problem={made.problem} />}
      {list.problem && <ProblemNotice problem={list.problem} retry={list.again} />}
      {list.rows.length > 0 && (
        <TaskTable
          tasks={tasks}
          order={order}
          reorder={(next) => changeQuery({ order: next })}
          chosen={chosen}
          choose={setMarked}
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
