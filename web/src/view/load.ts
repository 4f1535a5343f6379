// What a page shows of the server: loaded when it opens or what it asks for changes, again when
// told, and what was there stays until the new is.
import { useCallback, useEffect, useRef, useState } from "preact/hooks";

export interface Loaded<T> {
  value: T | undefined;
  problem: Error | undefined;
  loading: boolean;
  again: () => void;
  set: (change: (before: T) => T) => void;
}

export function useLoad<T>(load: (signal: AbortSignal) => Promise<T>, key: string): Loaded<T> {
  const [state, setState] = useState<{ key: string; value?: T; problem?: Error; loading: boolean }>({
    key,
    loading: true,
  });
  const [turn, setTurn] = useState(0);
  const latest = useRef(load);
  latest.current = load;
  useEffect(() => {
    const stop = new AbortController();
    setState((before) => (before.key === key ? { ...before, loading: true } : { key, loading: true }));
    latest.current(stop.signal).then(
      (value) => stop.signal.aborted || setState({ key, value, loading: false }),
      (problem: Error) =>
        stop.signal.aborted || setState((before) => ({ ...before, problem, loading: false })),
    );
    return () => stop.abort();
  }, [key, turn]);
  const again = useCallback(() => setTurn((before) => before + 1), []);
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
