// What the server says the schedule would do, asked again a moment after each change; an answer
// that has been overtaken is dropped.
import { useEffect, useState } from "preact/hooks";
import { call } from "../api/client.ts";
import type { Preview } from "../api/types.ts";
import { type Form, scheduleText } from "./definition.ts";

const kPauseMs = 250;
const kShown = 5;

export interface Previewed {
  preview?: Preview | undefined; // the last good one, while the next is on its way
  problem?: Error | undefined;
  loading: boolean;
  asked: string | undefined; // the schedule; undefined: it has no expression yet
}

export function usePreview(form: Form): Previewed {
  const [state, setState] = useState<Omit<Previewed, "asked">>({ loading: false });
  const schedule = scheduleText(form);
  const id = form.values["/id"] ?? "";
  useEffect(() => {
    if (schedule === undefined) {
      setState({ loading: false });
      return;
    }
    const stop = new AbortController();
    setState((before) => ({ ...before, loading: true }));
    const task = id ? `, "task_id": ${JSON.stringify(id)}` : "";
    const body = `{"schedule": ${schedule}, "count": ${kShown}${task}}`;
    const timer = setTimeout(() => {
      call<Preview>("POST", "/v1/schedules:preview", { body, signal: stop.signal }).then(
        (answer) => stop.signal.aborted || setState({ preview: answer.body, loading: false }),
        (problem: Error) => stop.signal.aborted || setState({ problem, loading: false }),
      );
    }, kPauseMs);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [schedule, id]);
  return { ...state, asked: schedule };
}
