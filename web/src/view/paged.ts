// A list of the API by pages: more on demand, each page behind the one before; a page may be short,
// and only a missing token is the end.
import { useCallback, useEffect, useRef, useState } from "preact/hooks";

export interface Page<T> {
  rows: T[];
  next: string | undefined;
}

export interface Paged<T> {
  rows: T[];
  ended: boolean;
  loading: boolean;
  problem: Error | undefined;
  more: () => void;
  again: () => void;
  // The same, if nobody is further down; else false.
  refresh: () => boolean;
  setRows: (change: (before: T[]) => T[]) => void;
}

interface State<T> {
  key: string;
  rows: T[];
  first: number; // rows of the first page
  next: string | undefined;
  ended: boolean;
  loading: boolean;
  problem?: Error;
}

// A filter that matches little leaves pages empty: the search goes on for so long before the user is
// asked again.
const kSearchMs = 10_000;
const kNearTop = 200; // px

export function usePaged<T>(
  load: (token: string | undefined, signal: AbortSignal) => Promise<Page<T>>,
  key: string,
): Paged<T> {
  const fresh = (): State<T> => ({ key, rows: [], first: 0, next: undefined, ended: false, loading: true });
  const [state, setState] = useState<State<T>>(fresh);
  const [turn, setTurn] = useState(0);
  const stop = useRef<AbortController | undefined>(undefined);
  const latest = useRef(load);
  latest.current = load;

  const read = useCallback(async (from: string | undefined, keep: T[], signal: AbortSignal) => {
    try {
      let rows: T[] = [];
      let next = from;
      const begun = performance.now();
      do {
        const page = await latest.current(next, signal);
        rows = rows.concat(page.rows);
        next = page.next;
      } while (next !== undefined && rows.length === 0 && performance.now() - begun < kSearchMs);
      if (signal.aborted) return;
      setState((before) => ({
        key,
        rows: keep.concat(rows),
        first: from === undefined ? rows.length : before.first,
        next,
        ended: next === undefined,
        loading: false,
      }));
    } catch (error) {
      if (signal.aborted) return;
      setState((before) => ({ ...before, loading: false, problem: error as Error }));
    }
  }, [key]);

  useEffect(() => {
    const control = new AbortController();
    stop.current?.abort();
    stop.current = control;
    setState((before) => (before.key === key ? { ...before, loading: true } : fresh()));
    void read(undefined, [], control.signal);
    return () => control.abort();
  }, [key, turn]);

  const current = useRef(state);
  current.current = state;
  const more = useCallback(() => {
    const before = current.current;
    const control = stop.current;
    if (before.loading || before.ended || before.key !== key || !control) return;
    setState({ ...before, loading: true });
    void read(before.next, before.rows, control.signal);
  }, [read]);
  const again = useCallback(() => setTurn((before) => before + 1), []);
  const refresh = useCallback(() => {
    const { rows, first } = current.current;
    if (scrollY > kNearTop || rows.length > first) return false;
    again();
    return true;
  }, []);
  const setRows = useCallback(
    (change: (before: T[]) => T[]) =>
      setState((before) => ({ ...before, rows: change(before.rows) })),
    [],
  );
  const fits = state.key === key;
  return {
    rows: fits ? state.rows : [],
    ended: fits && state.ended,
    loading: !fits || state.loading,
    problem: fits ? state.problem : undefined,
    more,
    again,
    refresh,
    setRows,
  };
}
