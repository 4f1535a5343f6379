// An instant: when it is, and how far away; the exact one in every zone on hover.
import { computed } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { now } from "../state/clock.ts";
import { clockTime, fromNow, shownZone, zoneName } from "./text.ts";

interface TimeProps {
  at: string | null | undefined;
  zone?: string | undefined; // of the task
  relative?: "only" | "also" | "no";
}

export function Time({ at, zone, relative = "also" }: TimeProps) {
  // Of many rows only the texts change each second.
  const distance = useMemo(() => computed(() => (at ? fromNow(new Date(at), now.value) : "")), [at]);
  if (!at) return <span class="faint">–</span>;
  const instant = new Date(at);
  const shown = shownZone(zone);
  const clock = clockTime(instant, shown);
  const title = `${at}\n${clock} ${zoneName(shown)}`;
  if (relative === "no") {
    return (
      <time dateTime={at} title={title}>
        {clock}
      </time>
    );
  }
  return (
    <time dateTime={at} title={title}>
      {relative === "only" ? (
        <span class="distance">{distance}</span>
      ) : (
        <>
          {clock} <span class="faint distance">{distance}</span>
        </>
      )}
    </time>
  );
}
