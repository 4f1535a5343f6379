// Filters of a list, kept in the address of the page: what is typed gets there after a short pause.
import { useEffect, useState } from "preact/hooks";
import { changeQuery, place } from "../place.ts";
import { SelectField, TextField } from "./field.tsx";
import { fieldZone, fromField, toField } from "./instant_text.ts";

const kPauseMs = 400;

export function queried(name: string): string {
  return place.value.query.get(name) ?? "";
}

interface QueryProps {
  name: string;
  label: string;
  hint?: string;
}

export function QueryField({ name, label, hint, search = false }: QueryProps & { search?: boolean }) {
  const value = queried(name);
  const [text, setText] = useState(value);
  useEffect(() => setText((before) => (before.trim() === value ? before : value)), [value]);
  useEffect(() => {
    if (text.trim() === value) return undefined;
    const timer = setTimeout(() => changeQuery({ [name]: text.trim() }), kPauseMs);
    return () => clearTimeout(timer);
  }, [text]);
  return <TextField label={label} hint={hint} type={search ? "search" : "text"} value={text} change={setText} />;
}

export function QueryInstant({ name, label }: QueryProps) {
  return (
    <TextField
      label={label}
      hint={fieldZone()}
      type="datetime-local"
      value={toField(queried(name))}
      change={(text) => changeQuery({ [name]: fromField(text) })}
    />
  );
}

export function QuerySelect({ name, label, choices }: QueryProps & { choices: [string, string][] }) {
  return (
    <SelectField
      label={label}
      value={queried(name)}
      choices={choices}
      change={(value) => changeQuery({ [name]: value })}
    />
  );
}

export function ClearFilters({ names }: { names: string[] }) {
  if (!names.some((name) => queried(name))) return null;
  return (
    <button type="button" onClick={() => changeQuery(Object.fromEntries(names.map((name) => [name, undefined])))}>
      Clear the filters
    </button>
  );
}

// "team:billing, env:prod" -> one filter each. A comma within a value stays when no label's name
// and a colon follow it.
export function labelsOf(text: string): string[] {
  return text.split(/,\s*(?=[a-z0-9_.-]{1,63}:)/).map((label) => label.trim()).filter(Boolean);
}
