// What happens on the server, as it tells by server-sent events (GET /v1/changes): one stream for
// all pages, which is off while the page is hidden, the user has switched it off, or nobody
// listens. One that ends is begun again behind the last event, after longer and longer pauses; but
// without an id, and with a gap, if somebody listens who came later than that event: what a page
// has just loaded is newer than what would be told again.
import { computed, effect, signal } from "@preact/signals";
import { preferences } from "../state/preferences.ts";
import { session } from "../state/session.ts";
import { urlOf } from "./client.ts";
import type { Run, Task } from "./types.ts";

export type Change =
  | { type: "task.created" | "task.updated" | "task.deleted"; task: Task }
  | { type: "run.retrying" | "run.ended"; run: Run }
  | { type: "gap" }; // what came before may not have been told: look again

type Listener = (change: Change) => void;

const kFirstWaitMs = 1_000;
const kLongestWaitMs = 30_000;
const kLingerMs = 2_000; // from the last listener of a page to the first of the next
const kTypes = ["task.created", "task.updated", "task.deleted", "run.retrying", "run.ended"] as const;

export const streamState = signal<"off" | "connecting" | "live" | "waiting">("off");

const hidden = signal(document.visibilityState === "hidden");
const listeners = new Set<Listener>();
const listened = signal(false);
const wanted = computed(
  () => listened.value && preferences.value.live && !hidden.value && session.value !== undefined,
);

// Until what is returned is called.
export function onChange(listener: Listener): () => void {
  if (!source) lastId = "";
  listeners.add(listener);
  clearTimeout(leaving);
  listened.value = true;
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) leaving = setTimeout(() => (listened.value = false), kLingerMs);
  };
}

let source: EventSource | undefined;
let lastId = "";
let waitMs = kFirstWaitMs;
let timer: ReturnType<typeof setTimeout> | undefined;
let leaving: ReturnType<typeof setTimeout> | undefined;

function tell(change: Change): void {
  for (const listener of [...listeners]) listener(change);
}

function open(): void {
  streamState.value = "connecting";
  const stream = new EventSource(urlOf("/v1/changes", { last_event_id: lastId }));
  source = stream;
  stream.onopen = () => {
    waitMs = kFirstWaitMs;
    streamState.value = "live";
    // Without an id it begins with what happens from now on: not where the pages' answers ended.
    if (!lastId) tell({ type: "gap" });
  };
  // Its own repeats come at once and for ever.
  stream.onerror = () => {
    close();
    streamState.value = "waiting";
    timer = setTimeout(open, waitMs * (0.5 + Math.random() / 2));
    waitMs = Math.min(2 * waitMs, kLongestWaitMs);
  };
  const note = (event: MessageEvent<string>) => {
    if (event.lastEventId) lastId = event.lastEventId;
  };
  stream.onmessage = note;
  stream.addEventListener("gap", (event) => {
    note(event);
    tell({ type: "gap" });
  });
  for (const type of kTypes) {
    stream.addEventListener(type, (event) => {
      note(event);
      const what = JSON.parse(event.data) as Task & Run;
      tell(type.startsWith("task.") ? ({ type, task: what } as Change) : ({ type, run: what } as Change));
    });
  }
}

function close(): void {
  clearTimeout(timer);
  source?.close();
  source = undefined;
}

export function startChanges(): void {
  document.addEventListener("visibilitychange", () => {
    hidden.value = document.visibilityState === "hidden";
  });
  effect(() => {
    if (wanted.value) {
      open();
    } else {
      close();
      streamState.value = "off";
    }
  });
}
