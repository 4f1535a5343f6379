// What a page shows of the server: loaded when it opens or what it asks for changes, again when
// told, and what was there stays until the new is.
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { inTurn, type Turns } from "./in_turn.ts";

export interface Loaded<T> {
  value: T | undefined;
  problem: Error | undefined;
  loading: boolean;
  again: () => void; // at most once a second
  set: (change: (before: T) => T) => void;
}

export function useLoad<T>(load: (signal: AbortSignal) => Promise<T>, key: string): Loaded<T> {
  const [state, setState] = useState<{ key: string; value?: T; problem?: Error; loading: boolean }>({
    key,
    loading: true,
  });
  const latest = useRef(load);
  latest.current = load;
  const turns = useRef<Turns | undefined>(undefined);
  useEffect(() => {
    const made = inTurn(async (signal) => {
      setState((before) => (before.key === key ? { ...before, loading: true } : { key, loading: true }));
      try {
        const value = await latest.current(signal);
        if (!signal.aborted) setState({ key, value, loading: false });
      } catch (problem) {
        if (!signal.aborted) setState((before) => ({ ...before, problem: problem as Error, loading: false }));
      }
    });
    turns.current = made;
    made.ask();
    return made.stop;
  }, [key]);
  const again = useCallback(() => turns.current?.ask(), []);
  const set = useCallback(
    (change: (before: T) => T) =>
      setState((before) =>
        before.value === undefined ? before : { ...before, value: change(before.value) },
      ),
    [],
  );
  const fits = state.key === key;
  return {
    value: fits ? state.value : undefined,
    problem: fits ? state.problem : undefined,
    loading: !fits || state.loading,
    again,
    set,
  };
}
