// Asks again and again while the page is in front, and at once when it comes back; never while the
// user has stopped what is live. Without a pace it does not ask.
import { useEffect } from "preact/hooks";
import { preferences } from "../state/preferences.ts";

export function useEvery(ms: number | undefined, again: () => void): void {
  const live = preferences.value.live;
  useEffect(() => {
    if (!live || ms === undefined) return undefined;
    const look = () => {
      if (document.visibilityState === "visible") again();
    };
    const timer = setInterval(look, ms);
    document.addEventListener("visibilitychange", look);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", look);
    };
  }, [live, ms, again]);
}
