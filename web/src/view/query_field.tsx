// Filters of a list, kept in the address of the page: what is typed gets there after a short pause.
import { useEffect, useRef, useState } from "preact/hooks";
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
  // What the address has from here is no news: somebody may have typed on meanwhile.
  const sent = useRef(value);
  useEffect(() => {
    if (value === sent.current) return;
    sent.current = value;
    setText(value);
  }, [value]);
  useEffect(() => {
    const next = text.trim();
    if (next === sent.current) return undefined;
    const timer = setTimeout(() => {
      sent.current = next;
      changeQuery({ [name]: next });
    }, kPauseMs);
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

// It goes when it is pressed: the focus then is on the first of the filters.
export function ClearFilters({ names }: { names: readonly string[] }) {
  if (!names.some((name) => queried(name))) return null;
  const press = () => {
    document.querySelector<HTMLElement>("main input")?.focus();
    changeQuery(Object.fromEntries(names.map((name) => [name, undefined])));
  };
  return (
    <button type="button" onClick={press}>
      Clear the filters
    </button>
  );
}
