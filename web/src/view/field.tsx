// A field of a form: its label, what it is for, and what the server has against what stands in it.
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import "../styles/field.css";

export interface ControlProps {
  id: string;
  "aria-describedby": string | undefined;
  "aria-invalid": boolean | undefined;
}

interface FieldProps {
  id?: string;
  label: string;
  hint?: string | undefined;
  error?: string | undefined;
  whole?: boolean | undefined; // as wide as the form
  children: (control: ControlProps) => ComponentChildren;
}

export function Field({ id: given, label, hint, error, whole, children }: FieldProps) {
  const made = useId();
  const id = given ?? made;
  const told = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ");
  return (
    <div class={whole ? "field whole" : "field"}>
      <label for={id}>{label}</label>
      {children({ id, "aria-describedby": told || undefined, "aria-invalid": error ? true : undefined })}
      <Notes id={id} hint={hint} error={error} />
    </div>
  );
}

interface NotesProps {
  id: string; // of what they belong to
  hint?: string | undefined;
  error?: string | undefined;
}

export function Notes({ id, hint, error }: NotesProps) {
  return (
    <>
      {hint && (
        <small class="faint" id={`${id}-hint`}>
          {hint}
        </small>
      )}
      {error && (
        <small class="field-error" id={`${id}-error`}>
          <span aria-hidden="true">✕ </span>
          {error}
        </small>
      )}
    </>
  );
}

interface TextFieldProps {
  label: string;
  value: string;
  change: (value: string) => void;
  type?: "text" | "number" | "password" | "search" | "datetime-local";
  hint?: string | undefined;
  error?: string | undefined;
  required?: boolean;
  min?: number;
  max?: number;
}

export function TextField({ label, value, change, type = "text", hint, error, ...more }: TextFieldProps) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(control) => (
        <input
          {...control}
          {...more}
          type={type as "text"} // the types of JSX want one kind, not one of several
          value={value}
          autocomplete="off"
          onInput={(event) => change(event.currentTarget.value)}
        />
      )}
    </Field>
  );
}

export function LinesField({ label, value, change, hint, error }: Omit<TextFieldProps, "type" | "min" | "max">) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(control) => (
        <textarea
          {...control}
          rows={2}
          value={value}
          spellcheck={false}
          onInput={(event) => change(event.currentTarget.value)}
        />
      )}
    </Field>
  );
}

interface SelectFieldProps {
  label: string;
  value: string;
  choices: [value: string, text: string][];
  change: (value: string) => void;
  hint?: string | undefined;
  error?: string | undefined;
}

export function SelectField({ label, value, choices, change, hint, error }: SelectFieldProps) {
  const known = choices.some(([choice]) => choice === value);
  return (
    <Field label={label} hint={hint} error={error}>
      {(control) => (
        <select {...control} value={value} onChange={(event) => change(event.currentTarget.value)}>
          {choices.map(([choice, text]) => (
            <option key={choice} value={choice}>
              {text}
            </option>
          ))}
          {!known && <option value={value}>{value}</option>}
        </select>
      )}
    </Field>
  );
}
