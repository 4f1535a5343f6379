// The end of a list by pages. The button stays while it loads, and where it goes, at the end, the focus
// stays beside it.
import { useEffect, useRef } from "preact/hooks";
import type { Paged } from "./paged.ts";
import { plural } from "./text.ts";

export function More<T>({ list, word }: { list: Paged<T>; word: string }) {
  const count = useRef<HTMLSpanElement>(null);
  const pressed = useRef(false);
  const press = () => {
    pressed.current = true;
    if (!list.loading) list.more();
  };
  useEffect(() => {
    if (list.ended && pressed.current && document.activeElement === document.body) count.current?.focus();
    pressed.current = false;
  }, [list.ended]);
  if (list.problem && list.rows.length === 0) return null;
  return (
    <div class="more" aria-live="polite">
      <span ref={count} tabIndex={-1} class="faint">
        {plural(list.rows.length, word)}
        {list.ended ? "" : " so far"}
      </span>{" "}
      {!list.ended && (
        <button type="button" aria-disabled={list.loading} onClick={press}>
          {list.loading ? "Loading …" : "Load more"}
        </button>
      )}
    </div>
  );
}
