// Keeps what would be lost with the page: by the browser's own question when the page is closed or loaded
// again, by `ask` when the address is to lead elsewhere.
import { useEffect, useRef } from "preact/hooks";
import { guardPlace } from "../place.ts";

export function useHold(holds: () => boolean, ask: (leave: () => void) => void): void {
  const latest = useRef({ holds, ask });
  latest.current = { holds, ask };
  useEffect(() => {
    const onUnload = (event: BeforeUnloadEvent) => {
      if (latest.current.holds()) event.preventDefault();
    };
    addEventListener("beforeunload", onUnload);
    const release = guardPlace((leave) => {
      if (!latest.current.holds()) return false;
      latest.current.ask(leave);
      return true;
    });
    return () => {
      removeEventListener("beforeunload", onUnload);
      release();
    };
  }, []);
}
