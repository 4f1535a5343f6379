// One field of the table: its label, its control, what to know of it and what is wrong with it.
import { type ControlProps, Field, Notes } from "../view/field.tsx";
import { errorAt } from "./errors.ts";
import type { Field as FieldFact } from "./fields.ts";
import type { FormProps } from "./form_props.ts";
import { withValue } from "./definition.ts";

const kTall = ["area", "lines", "ranges"];

interface FieldViewProps extends FormProps {
  field: FieldFact;
  fixed?: boolean;
}

export function FieldView({ field, form, change, errors, fixed = false }: FieldViewProps) {
  const id = idOf(field.pointer);
  const error = errorAt(errors, field.pointer);
  const value = form.values[field.pointer] ?? "";
  const set = (text: string) => change(withValue(form, field.pointer, text), field.pointer);
  if (field.type === "flag") {
    return (
      <div class="field flag">
        <input
          id={id}
          aria-describedby={[field.hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ") || undefined}
          aria-invalid={error ? true : undefined}
          type="checkbox"
          checked={(value || field.usual?.[0]) === "true"}
          onChange={(event) => set(event.currentTarget.checked ? "true" : "false")}
        />{" "}
        <label for={id}>{field.label}</label>
        <Notes id={id} hint={field.hint} error={error} />
      </div>
    );
  }
  if (fixed) {
    return (
      <div class="field">
        <span>{field.label}</span> <code class="breaks">{value}</code>
      </div>
    );
  }
  const typed = {
    value,
    placeholder: field.placeholder ?? field.usual?.[0],
    spellcheck: field.pointer === "/description",
    onInput: (event: Event) => set((event.currentTarget as HTMLInputElement).value),
  };
  return (
    <Field id={id} label={field.label} hint={field.hint} error={error} whole={field.whole}>
      {(control) => {
        if (field.type === "choice") return <Choice field={field} value={value} set={set} control={control} />;
        if (kTall.includes(field.type)) return <textarea {...control} {...typed} rows={3} />;
        return (
          <input
            {...control}
            {...typed}
            type="text"
            inputMode={field.type === "number" ? "decimal" : undefined}
            list={field.zone ? "time-zones" : undefined}
            autocomplete="off"
          />
        );
      }}
    </Field>
  );
}

interface ChoiceProps {
  field: FieldFact;
  value: string;
  set: (text: string) => void;
  control: ControlProps;
}

function Choice({ field, value, set, control }: ChoiceProps) {
  const choices = [...(field.choices ?? [])];
  const shown = value || (choices.includes("") ? "" : (field.usual?.[0] ?? ""));
  if (!choices.includes(shown)) choices.unshift(shown); // a word that this page does not know
  return (
    <select {...control} value={shown} onChange={(event) => set(event.currentTarget.value)}>
      {choices.map((choice) => (
        <option key={choice} value={choice}>
          {choice || (field.empty ?? "none")}
        </option>
      ))}
    </select>
  );
}

export function idOf(pointer: string): string {
  return "field" + pointer.replaceAll("/", "-");
}
