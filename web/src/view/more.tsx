import type { Paged } from "./paged.ts";
import { plural } from "./text.ts";

// The end of a list by pages.
export function More<T>({ list, word }: { list: Paged<T>; word: string }) {
  return (
    <div class="more" aria-live="polite">
      <span class="faint">
        {plural(list.rows.length, word)}
        {list.ended ? "" : " so far"}
      </span>{" "}
      {!list.ended && (
        <button type="button" disabled={list.loading} onClick={list.more}>
          {list.loading ? "Loading …" : "Load more"}
        </button>
      )}
    </div>
  );
}
