// Where the user is: what stands behind the # of the address, so that any page can be linked to and
// reloaded whatever path the server is reached under. "#/tasks/daily?tab=runs" has the parts
// ["tasks", "daily"] and the query tab=runs.
import { signal } from "@preact/signals";

export interface Place {
  parts: string[];
  query: URLSearchParams;
}

export function placeOf(hash: string): Place {
  const text = hash.replace(/^#?\/?/, "");
  const [path = "", query = ""] = text.split(/\?(.*)/s);
  const parts = path.split("/").filter(Boolean).map((part) => decoded(part));
  return { parts, query: new URLSearchParams(query) };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export type Query = Record<string, string | undefined>;

export function hrefTo(parts: string[], query: Query = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== "") search.set(name, value);
  }
  const text = search.toString();
  return "#/" + parts.map(encodeURIComponent).join("/") + (text ? "?" + text : "");
}

export const place = signal<Place>({ parts: [], query: new URLSearchParams() });

export function goTo(parts: string[], query: Query = {}): void {
  location.hash = hrefTo(parts, query);
}

// Changes the query of the page that is shown; what is set to nothing goes. Without a step back.
export function changeQuery(changes: Query): void {
  const query = Object.fromEntries(place.value.query);
  history.replaceState(history.state, "", hrefTo(place.value.parts, { ...query, ...changes }));
  read();
}

// Asked before the place changes, by whatever: a link, a key, Back, an edited address. Where it answers
// true the place stays as it is, and leave() goes on to where it was to lead.
export type Guard = (leave: () => void) => boolean;
let guard: Guard | undefined;
let passes = false; // leave() was called

// Until what is returned is called.
export function guardPlace(asked: Guard): () => void {
  guard = asked;
  return () => {
    if (guard === asked) guard = undefined;
  };
}

// Which of the browser's history is shown: entries carry their number, so that a step back or forward
// can be undone; one without a number is new.
let shown = 0;
let shownHash = "";

function numberOf(state: unknown): number | undefined {
  return (state as { number?: number } | null)?.number;
}

function read(): void {
  shownHash = location.hash;
  place.value = placeOf(shownHash);
}

function arrive(number: number): void {
  shown = number;
  history.replaceState({ number }, "");
  read();
}

function onHashChange(): void {
  if (location.hash === shownHash) return; // back where we were
  const number = numberOf(history.state);
  const hash = location.hash;
  const steps = (number ?? shown + 1) - shown;
  const leave = () => {
    passes = true;
    if (number === undefined) location.hash = hash;
    else history.go(steps);
  };
  if (!passes && guard?.(leave)) return history.go(-steps);
  passes = false;
  arrive(shown + steps);
}

export function followAddress(): void {
  addEventListener("hashchange", onHashChange);
  arrive(numberOf(history.state) ?? 0);
}
