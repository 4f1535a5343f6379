// Labels in a filter: "team:billing, env:prod", all of which must match. A value may hold any text; a
// comma within it stays when no label's name and a colon follow it, or behind a backslash.
export function labelsOf(text: string): string[] {
  return text
    .split(/(?<!\\),\s*(?=[a-z0-9_.-]{1,63}:)/)
    .map((label) => label.trim().replace(/(?<!\\),$/, "").replaceAll("\\,", ","))
    .filter(Boolean);
}

// The filter that finds a label.
export function labelFilter(name: string, value: string): string {
  return `${name}:${value.replaceAll(",", "\\,")}`;
}
