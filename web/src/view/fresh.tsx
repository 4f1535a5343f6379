// What has come since a list was loaded, offered above it. The paragraph is always there: a region that
// comes with its text is not read out; and where the button goes when it is pressed, the focus stays.
import { useRef } from "preact/hooks";
import { plural } from "./text.ts";

interface FreshProps {
  count: number;
  word: string;
  note?: string; // of the button
  title?: string; // of the button
  told?: string; // when there is nothing to offer
  show: () => void;
}

export function Fresh({ count, word, note = "", title, told = "", show }: FreshProps) {
  const place = useRef<HTMLParagraphElement>(null);
  const press = () => {
    place.current?.focus();
    show();
  };
  return (
    <p ref={place} tabIndex={-1} aria-live="polite">
      {count > 0 ? (
        <button type="button" class="plain" title={title} onClick={press}>
          {plural(count, word)} since: show {note}
        </button>
      ) : (
        told
      )}
    </p>
  );
}
