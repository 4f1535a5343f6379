// Names with values: labels and header fields.
import { useRef } from "preact/hooks";
import type { Row, RowPointer } from "./definition.ts";
import { errorAt } from "./errors.ts";
import { Notes } from "../view/field.tsx";
import { idOf } from "./field_view.tsx";
import type { FormProps } from "./form_props.ts";

interface RowsProps extends FormProps {
  pointer: RowPointer;
  title: string;
  word: string;
  hint?: string;
}

export function Rows({ pointer, title, word, hint, form, change, errors }: RowsProps) {
  const rows = form.rows[pointer];
  const box = useRef<HTMLFieldSetElement>(null);
  const set = (next: readonly Row[]) => change({ ...form, rows: { ...form.rows, [pointer]: next } }, pointer);
  const edit = (i: number, part: Partial<Row>) => set(rows.map((row, k) => (k === i ? { ...row, ...part } : row)));
  const error = errorAt(errors, pointer);
  const id = idOf(pointer);
  const about = error ? `${id}-error` : undefined;
  const invalid = error ? true : undefined;
  const add = () => {
    set([...rows, { name: "", value: "" }]);
    requestAnimationFrame(() => {
      const inputs = box.current?.querySelectorAll<HTMLInputElement>("input[data-name]");
      inputs?.[inputs.length - 1]?.focus();
    });
  };
  const remove = (i: number) => {
    set(rows.filter((_, k) => k !== i));
    box.current?.querySelector<HTMLButtonElement>("button[data-add]")?.focus();
  };
  return (
    <fieldset class="rows" ref={box}>
      <legend class="hidden">{title}</legend>
      {rows.map((row, i) => (
        <div class="row" key={i}>
          <input
            type="text"
            data-name
            aria-label={`Name of ${word} ${i + 1}`}
            aria-invalid={invalid}
            aria-describedby={about}
            placeholder="name"
            autocomplete="off"
            spellcheck={false}
            value={row.name}
            onInput={(event) => edit(i, { name: event.currentTarget.value })}
          />
          <input
            type="text"
            aria-label={`Value of ${word} ${row.name || i + 1}`}
            placeholder="value"
            autocomplete="off"
            spellcheck={false}
            value={row.value}
            onInput={(event) => edit(i, { value: event.currentTarget.value })}
          />
          <button type="button" class="plain" aria-label={`Remove ${word} ${row.name || i + 1}`} onClick={() => remove(i)}>
            ✕
          </button>
        </div>
      ))}
      <button type="button" data-add data-wrong={rows.length === 0 && error ? "" : undefined} aria-describedby={about} onClick={add}>
        Add a {word}
      </button>
      <Notes id={id} hint={hint} error={error} />
    </fieldset>
  );
}
