// Instants, durations and counts as people read them.
import { preferences } from "../state/preferences.ts";

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string | undefined): Intl.DateTimeFormat {
  const key = zone ?? "";
  let format = formats.get(key);
  if (!format) {
    const options: Intl.DateTimeFormatOptions = {
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
      hourCycle: "h23",
    };
    if (zone) options.timeZone = zone;
    try {
      format = new Intl.DateTimeFormat("en-CA", options);
    } catch {
      format = formatOf("UTC"); // a zone that this browser does not know
    }
    formats.set(key, format);
  }
  return format;
}

// "2026-11-29 10:00:21" in a zone; undefined: the browser's.
export function clockTime(instant: Date, zone?: string): string {
  const parts = new Map(formatOf(zone).formatToParts(instant).map((part) => [part.type, part.value]));
  const get = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? "";
  return `${get("year").padStart(4, "0")}-${get("month")}-${get("day")} ${get("hour")}:${get("minute")}:${get("second")}`;
}

// The zone in which times are shown: `task` is the zone of the task's schedule, if it has one.
export function shownZone(task?: string): string | undefined {
  const { zone } = preferences.value;
  if (zone === "utc") return "UTC";
  return zone === "task" ? (task ?? "UTC") : undefined;
}

export function zoneName(zone: string | undefined): string {
  return zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
}

export function zoneOf(schedule: unknown): string | undefined {
  if (typeof schedule !== "object" || schedule === null) return undefined;
  const zone = (schedule as { timezone?: unknown }).timezone;
  return typeof zone === "string" ? zone : undefined;
}

// 950 -> "950 ms", 61_000 -> "1m 1s". Never negative: clocks differ.
export function lasting(ms: number): string {
  if (ms < 0) ms = 0;
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 10_000) return `${(ms / 1_000).toFixed(1)} s`;
  const seconds = Math.floor(ms / 1_000);
  const parts: [number, string][] = [
    [Math.floor(seconds / 86_400), "d"],
    [Math.floor(seconds / 3_600) % 24, "h"],
    [Math.floor(seconds / 60) % 60, "m"],
    [seconds % 60, "s"],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  return parts
    .slice(first, first + 2)
    .filter(([count], i) => i === 0 || count > 0)
    .map(([count, unit]) => count + unit)
    .join(" ");
}

// None: nothing has run.
export function late(ms: number | null): string {
  return ms === null ? "–" : lasting(ms);
}

// "in 4m 10s", "3h ago".
export function fromNow(instant: Date, now: number): string {
  const ms = instant.getTime() - now;
  const seconds = Math.floor(Math.abs(ms) / 1_000);
  if (seconds === 0) return "now";
  const span = seconds < 60 ? `${seconds}s` : lasting(seconds * 1_000);
  return ms > 0 ? `in ${span}` : `${span} ago`;
}

export function counted(count: number): string {
  return count.toLocaleString("en-US").replaceAll(",", "\u2009");
}

export function plural(count: number, word: string): string {
  return `${counted(count)} ${word}${count === 1 ? "" : "s"}`;
}

export function sizeText(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  while (bytes >= 1024 && unit < units.length - 1) {
    bytes /= 1024;
    unit++;
  }
  return `${unit === 0 ? bytes : bytes.toFixed(1)} ${units[unit]}`;
}

// A word of the API for people: "connect_failed" -> "connect failed".
export function words(word: string): string {
  return word.replaceAll("_", " ");
}
