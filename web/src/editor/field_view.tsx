// One field of the table: its label, its control, what to know of it and what is wrong with it.
import { errorsAt } from "./errors.ts";
import type { Field } from "./fields.ts";
import type { FormProps } from "./form_props.ts";
import { withValue } from "./definition.ts";

const kTall = ["area", "lines", "ranges"];

interface FieldViewProps extends FormProps {
  field: Field;
  fixed?: boolean;
}

export function FieldView({ field, form, change, errors, fixed = false }: FieldViewProps) {
  const id = idOf(field.pointer);
  const wrong = errorsAt(errors, field.pointer);
  const value = form.values[field.pointer] ?? "";
  const set = (text: string) => change(withValue(form, field.pointer, text), field.pointer);
  const about = [field.hint ? `${id}-hint` : "", wrong.length > 0 ? `${id}-error` : ""].filter(Boolean).join(" ");
  const common = {
    id,
    "aria-describedby": about || undefined,
    "aria-invalid": wrong.length > 0 ? ("true" as const) : undefined,
  };
  const typed = {
    ...common,
    value,
    readOnly: fixed,
    placeholder: field.placeholder ?? field.usual?.[0],
    spellcheck: field.pointer === "/description",
    onInput: (event: Event) => set((event.currentTarget as HTMLInputElement).value),
  };
  if (field.type === "flag") {
    return (
      <div class="field flag">
        <input
          {...common}
          type="checkbox"
          checked={(value || field.usual?.[0]) === "true"}
          onChange={(event) => set(event.currentTarget.checked ? "true" : "false")}
        />{" "}
        <label for={id}>{field.label}</label>
        <Notes id={id} hint={field.hint} wrong={wrong} />
      </div>
    );
  }
  return (
    <div class="field">
      <label for={id}>{field.label}</label>
      {field.type === "choice" ? (
        <Choice field={field} value={value} set={set} common={common} />
      ) : kTall.includes(field.type) ? (
        <textarea {...typed} rows={3} />
      ) : (
        <input
          {...typed}
          type="text"
          inputMode={field.type === "number" ? "decimal" : undefined}
          list={field.zone ? "time-zones" : undefined}
          autocomplete="off"
        />
      )}
      <Notes id={id} hint={field.hint} wrong={wrong} />
    </div>
  );
}

interface ChoiceProps {
  field: Field;
  value: string;
  set: (text: string) => void;
  common: object;
}

function Choice({ field, value, set, common }: ChoiceProps) {
  const choices = [...(field.choices ?? [])];
  const shown = value || (choices.includes("") ? "" : (field.usual?.[0] ?? ""));
  if (!choices.includes(shown)) choices.unshift(shown); // a word that this page does not know
  return (
    <select {...common} value={shown} onChange={(event) => set(event.currentTarget.value)}>
      {choices.map((choice) => (
        <option key={choice} value={choice}>
          {choice || (field.empty ?? "none")}
        </option>
      ))}
    </select>
  );
}

interface NotesProps {
  id: string;
  hint?: string | undefined;
  wrong: string[];
}

export function Notes({ id, hint, wrong }: NotesProps) {
  return (
    <>
      {hint && (
        <small id={`${id}-hint`} class="faint">
          {hint}
        </small>
      )}
      {wrong.length > 0 && (
        <small id={`${id}-error`} class="wrong">
          <span aria-hidden="true">✕ </span>
          {wrong.join(" ")}
        </small>
      )}
    </>
  );
}

export function idOf(pointer: string): string {
  return "field" + pointer.replaceAll("/", "-");
}
