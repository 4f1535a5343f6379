// Tasks in rows. The server lists them in the order of their creation; other orders are of the rows
// that are here. A row is drawn again only when its task has changed.
import { Component } from "preact";
import type { Task } from "../api/types.ts";
import { hrefTo } from "../place.ts";
import { shownState, StateBadge } from "../view/state_badge.tsx";
import { zoneOf } from "../view/text.ts";
import { Time } from "../view/time.tsx";
import { Labels } from "./labels.tsx";
import { NextDue } from "./next_due.tsx";

export type Order = "" | "id" | "next" | "last";

interface TaskTableProps {
  tasks: Task[];
  order: Order;
  reorder: (order: Order) => void;
  chosen: ReadonlySet<string>;
  choose: (change: (before: ReadonlySet<string>) => ReadonlySet<string>) => void;
}

const kLabels = 4; // of a row
const kLast = "\uffff"; // what has no such instant comes last

const kKeys: Record<Exclude<Order, "">, (task: Task) => string> = {
  id: (task) => task.id,
  next: (task) => task.next_due_at ?? kLast,
  last: (task) => task.last_run?.ended_at ?? kLast,
};

function inOrder(tasks: Task[], order: Order): Task[] {
  if (order === "" || !(order in kKeys)) return tasks;
  const key = kKeys[order];
  return [...tasks].sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
}

interface RowProps {
  task: Task;
  chosen: boolean;
  toggle: (id: string) => void;
}

class Row extends Component<RowProps> {
  override shouldComponentUpdate(next: RowProps): boolean {
    return next.task !== this.props.task || next.chosen !== this.props.chosen;
  }
  override render({ task, chosen, toggle }: RowProps) {
    return (
      <tr class={chosen ? "chosen" : ""}>
        <td>
          <input
            type="checkbox"
            checked={chosen}
            aria-label={`Choose ${task.id}`}
            onChange={() => toggle(task.id)}
          />
        </td>
        <td class="name">
          <a href={hrefTo(["tasks", task.id])}>{task.id}</a>
          {task.description && <span class="faint described" title={task.description}> {task.description}</span>}
        </td>
        <td>
          <StateBadge state={shownState(task)} />
        </td>
        <td class="schedule">{scheduleOf(task)}</td>
        <td>
          <NextDue task={task} />
        </td>
        <td>
          {task.last_run ? (
            <a href={hrefTo(["runs", task.last_run.id])}>
              <StateBadge state={task.last_run.state} /> <Time at={task.last_run.ended_at} relative="only" />
            </a>
          ) : (
            <span class="faint">none</span>
          )}
        </td>
        <td class="labels">
          <Labels task={task} most={kLabels} />
        </td>
      </tr>
    );
  }
}

const kKinds: Record<string, string> = {
  cron: "cron",
  every: "every",
  fixed_delay: "every",
  at: "at",
  delay: "after",
  rrule: "rrule",
};

// "PT1H30M" -> "1h30m"; what is no duration stays.
function shortened(value: string): string {
  return /^P(\d+[WD])*(T(\d+[HMS])+)?$/.test(value) ? value.replace(/[PT]/g, "").toLowerCase() : value;
}

// In one form for all: the sentence is only told of one task.
function scheduleOf(task: Task): string {
  if (task.schedule_text) return task.schedule_text;
  const { schedule } = task;
  if (typeof schedule === "string") return `${kKinds[task.schedule_kind ?? ""] ?? ""} ${shortened(schedule)}`;
  if (typeof schedule !== "object" || schedule === null) return "";
  const [kind, value] =
    Object.entries(schedule).find(([name]) => ["cron", "every", "at", "delay", "rrule"].includes(name)) ?? [];
  const zone = zoneOf(schedule);
  return `${kKinds[kind ?? ""] ?? ""} ${shortened(String(value ?? ""))}${zone ? ` (${zone})` : ""}`;
}

function Heading({ title, own, order, reorder }: { title: string; own: Order; order: Order; reorder: (order: Order) => void }) {
  const sorted = order === own;
  return (
    <th scope="col" aria-sort={sorted ? "ascending" : "none"}>
      <button type="button" class="plain" title="Orders the rows that are loaded" onClick={() => reorder(sorted ? "" : own)}>
        {title} <span aria-hidden="true">{sorted ? "▲" : "△"}</span>
      </button>
    </th>
  );
}

export function TaskTable({ tasks, order, reorder, chosen, choose }: TaskTableProps) {
  const toggle = (id: string) =>
    choose((before) => {
      const next = new Set(before);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  const all = tasks.every((task) => chosen.has(task.id));
  const heading = { order, reorder };
  return (
    <div class="wide" tabIndex={0} role="region" aria-label="Tasks">
      <table>
        <caption class="hidden">Tasks</caption>
        <thead>
          <tr>
            <th scope="col">
              <input
                type="checkbox"
                checked={all}
                aria-label="Choose all that are loaded"
                onChange={() => choose(() => new Set(all ? [] : tasks.map((task) => task.id)))}
              />
            </th>
            <Heading title="Task" own="id" {...heading} />
            <th scope="col">State</th>
            <th scope="col">Schedule</th>
            <Heading title="Next due" own="next" {...heading} />
            <Heading title="Last run" own="last" {...heading} />
            <th scope="col">Labels</th>
          </tr>
        </thead>
        <tbody>
          {inOrder(tasks, order).map((task) => (
            <Row key={task.id} task={task} chosen={chosen.has(task.id)} toggle={toggle} />
          ))}
        </tbody>
      </table>
    </div>
  );
}
