// Instants in fields of kind datetime-local, which know no zone: they are read in the one that the
// page shows (of no task: UTC or the browser's).
import { clockTime, shownZone, zoneName } from "./text.ts";

export function toField(instant: string): string {
  const date = new Date(instant);
  if (Number.isNaN(date.getTime())) return "";
  return clockTime(date, shownZone()).slice(0, -3).replace(" ", "T");
}

// What the API takes; "" of what is no instant.
export function fromField(text: string): string {
  const date = new Date(shownZone() ? text + "Z" : text);
  return Number.isNaN(date.getTime()) ? "" : date.toISOString();
}

export function fieldZone(): string {
  return zoneName(shownZone());
}
