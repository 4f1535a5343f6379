// A new task, a copy of one, or one that is changed.
import type { FunctionComponent } from "preact";
import { call } from "../api/client.ts";
import type { Task } from "../api/types.ts";
import { definitionOf } from "../editor/definition.ts";
import { Editor } from "../editor/editor.tsx";
import { parseTree, put, writeTree } from "../editor/json_tree.ts";
import { hrefTo, type Place } from "../place.ts";
import "../styles/task_editor.css";
import { useLoad } from "../view/load.ts";
import { Loading, ProblemNotice } from "../view/notice.tsx";

const kIdLength = 128;

export const NewTask: FunctionComponent<Place> = ({ query }) => {
  const from = query.get("copy");
  return from ? <CopyTask key={from} from={from} /> : <EmptyTask />;
};

function EmptyTask() {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const text = writeTree([
    { name: "schedule", value: [{ name: "cron", value: '"0 9 * * *"' }, { name: "timezone", value: JSON.stringify(zone) }] },
    { name: "target", value: [{ name: "kind", value: '"http"' }] },
  ]);
  return (
    <>
      <h1>New task</h1>
      <Editor text={text} />
    </>
  );
}

function CopyTask({ from }: { from: string }) {
  const task = useTask(from);
  return (
    <>
      <h1>New task</h1>
      <p>
        A copy of <a href={hrefTo(["tasks", from])}>{from}</a>. It begins without its runs, and is not paused.
      </p>
      {task.problem && <ProblemNotice problem={task.problem} retry={task.again} />}
      {task.value && <Editor text={renamed(task.value.text, `${from.slice(0, kIdLength - 5)}-copy`)} />}
      {task.loading && !task.value && <Loading what="the task" />}
    </>
  );
}

export const EditTask: FunctionComponent<Place> = ({ parts }) => {
  const id = parts[1] ?? "";
  const task = useTask(id);
  return (
    <>
      <h1 class="name">Edit {id}</h1>
      {task.problem && <ProblemNotice problem={task.problem} retry={task.again} />}
      {task.value && <Editor key={id} text={task.value.text} id={id} etag={task.value.etag} />}
      {task.loading && !task.value && <Loading what="the task" />}
    </>
  );
};

function useTask(id: string) {
  return useLoad(async (signal) => {
    const answer = await call<Task>("GET", `/v1/tasks/${encodeURIComponent(id)}`, { signal });
    return { text: definitionOf(answer.text), etag: answer.etag };
  }, id);
}

function renamed(text: string, id: string): string {
  return writeTree(put(parseTree(text, ["payload"]), ["id"], JSON.stringify(id)));
}
