// A list of the API by pages: more on demand, each page behind the one before; a page may be short,
// and only a missing token is the end. A page is put to the rows as they are when it comes: some may
// have changed since it was asked for.
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { isAtTop } from "./unread.ts";

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

export interface PagedState<T> {
  key: string;
  rows: T[];
  pages: number; // that were loaded, at one press each
  next: string | undefined;
  ended: boolean;
  loading: boolean;
  problem?: Error;
}

export function empty<T>(key: string): PagedState<T> {
  return { key, rows: [], pages: 0, next: undefined, ended: false, loading: true };
}

export function withPage<T>(before: PagedState<T>, { rows, next }: Page<T>, isFirst: boolean): PagedState<T> {
  return {
    key: before.key,
    rows: isFirst ? rows : before.rows.concat(rows),
    pages: isFirst ? 1 : before.pages + 1,
    next,
    ended: next === undefined,
    loading: false,
  };
}

// A filter that matches little leaves pages empty: the search goes on for so long before the user is
// asked again.
const kSearchMs = 10_000;

export type Load<T> = (token: string | undefined, signal: AbortSignal) => Promise<Page<T>>;

export async function search<T>(
  load: Load<T>,
  from: string | undefined,
  signal: AbortSignal,
  longestMs = kSearchMs,
): Promise<Page<T>> {
  const begun = performance.now();
  let page = await load(from, signal);
  while (page.next !== undefined && page.rows.length === 0 && performance.now() - begun < longestMs) {
    page = await load(page.next, signal);
  }
  return page;
}

export function usePaged<T>(load: Load<T>, key: string): Paged<T> {
  const [state, setState] = useState<PagedState<T>>(() => empty(key));
  const [turn, setTurn] = useState(0);
  const stop = useRef<AbortController | undefined>(undefined);
  const latest = useRef(load);
  latest.current = load;

  const read = useCallback(async (from: string | undefined, signal: AbortSignal) => {
    try {
      const page = await search(latest.current, from, signal);
      if (!signal.aborted) setState((before) => withPage(before, page, from === undefined));
    } catch (error) {
      if (!signal.aborted) setState((before) => ({ ...before, loading: false, problem: error as Error }));
    }
  }, []);

  useEffect(() => {
    const control = new AbortController();
    stop.current?.abort();
    stop.current = control;
    setState((before) => (before.key === key ? { ...before, loading: true } : empty(key)));
    void read(undefined, control.signal);
    return () => control.abort();
  }, [key, turn]);

  const current = useRef(state);
  current.current = state;
  const more = useCallback(() => {
    const { loading, ended, key: of, next } = current.current;
    const control = stop.current;
    if (loading || ended || of !== key || !control) return;
    setState((before) => ({ ...before, loading: true }));
    void read(next, control.signal);
  }, [key]);
  const again = useCallback(() => setTurn((before) => before + 1), []);
  const refresh = useCallback(() => {
    if (!isAtTop() || current.current.pages > 1) return false;
    again();
    return true;
  }, []);
  const setRows = useCallback(
    (change: (before: T[]) => T[]) =>
      setState((before) => {
        const rows = change(before.rows);
        return rows === before.rows ? before : { ...before, rows };
      }),
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
