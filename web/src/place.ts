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
  history.replaceState(null, "", hrefTo(place.value.parts, { ...query, ...changes }));
  place.value = placeOf(location.hash);
}

export function followAddress(): void {
  const read = () => (place.value = placeOf(location.hash));
  addEventListener("hashchange", read);
  read();
}
