// The next due instants of a task, in its zone and in the reader's.
import { call } from "../api/client.ts";
import type { PreviewTime, Task } from "../api/types.ts";
import { useLoad } from "../view/load.ts";
import { Empty, Loading, ProblemNotice } from "../view/notice.tsx";
import { words } from "../view/text.ts";
import { Time } from "../view/time.tsx";

interface UpcomingAnswer {
  times: PreviewTime[];
  text?: string;
}

export function Upcoming({ task }: { task: Task }) {
  const times = useLoad(
    async (signal) =>
      (
        await call<UpcomingAnswer>("GET", `/v1/tasks/${encodeURIComponent(task.id)}/upcoming`, {
          query: { count: 50 },
          signal,
        })
      ).body.times,
    `${task.id} ${task.version}`,
  );
  const held = task.paused ?? task.paused_by;
  if (times.problem) return <ProblemNotice problem={times.problem} retry={times.again} />;
  if (!times.value) return <Loading what="what is due" />;
  if (times.value.length === 0) return <Empty>Nothing of it is due any more.</Empty>;
  return (
    <div class="wide" tabIndex={0} role="region" aria-label="Upcoming">
      <table>
        <caption class="hidden">The next {times.value.length} due instants</caption>
        <thead>
          <tr>
            <th scope="col">Due</th>
            <th scope="col">By the schedule's zone</th>
            <th scope="col">Starts</th>
            <th scope="col">Note</th>
          </tr>
        </thead>
        <tbody>
          {times.value.map((time) => (
            <tr key={time.utc}>
              <td>
                <Time at={time.utc} />
              </td>
              <td>
                {time.local.replace("T", " ")} <span class="faint">{time.offset}</span>
              </td>
              <td>{held ? "held: paused" : time.fire_at ? <Time at={time.fire_at} relative="no" /> : "on time"}</td>
              <td>
                {time.note ? words(time.note) : ""}
                {time.meant ? ` (${time.meant.replace("T", " ")})` : ""}
                {time.count && time.count > 1 ? ` × ${time.count}` : ""}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
