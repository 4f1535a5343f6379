// Members of a JSON object as they stand in its text. JSON.parse rounds numbers beyond 2^53 and
// forgets how they were written; payloads are shown and sent back byte for byte.

// The text of the value of member `name` of the object in `text`; undefined: it has none.
// Requires: text that JSON.parse takes.
export function rawMember(text: string, name: string): string | undefined {
  let at = skipSpace(text, 0);
  if (text[at] !== "{") return undefined;
  at = skipSpace(text, at + 1);
  while (text[at] === '"') {
    const nameEnd = endOfString(text, at);
    const found = JSON.parse(text.slice(at, nameEnd)) as string;
    const begin = skipSpace(text, skipSpace(text, nameEnd) + 1);
    const end = endOfValue(text, begin);
    if (found === name) return text.slice(begin, end);
    at = skipSpace(text, end);
    if (text[at] !== ",") return undefined;
    at = skipSpace(text, at + 1);
  }
  return undefined;
}

// JSON laid out for reading: only space between its parts changes.
export function pretty(text: string): string {
  let out = "";
  let depth = 0;
  const line = () => "\n" + "  ".repeat(depth);
  for (let at = 0; at < text.length; ) {
    const sign = text[at] ?? "";
    if (sign === '"') {
      const end = endOfString(text, at);
      out += text.slice(at, end);
      at = end;
      continue;
    }
    at++;
    if (/\s/.test(sign)) continue;
    if (sign === "{" || sign === "[") {
      const next = skipSpace(text, at);
      if (text[next] === "}" || text[next] === "]") {
        out += sign + text[next];
        at = next + 1;
        continue;
      }
      depth++;
      out += sign + line();
    } else if (sign === "}" || sign === "]") {
      depth--;
      out += line() + sign;
    } else if (sign === ",") {
      out += "," + line();
    } else {
      out += sign === ":" ? ": " : sign;
    }
  }
  return out;
}

function skipSpace(text: string, at: number): number {
  while (at < text.length && /\s/.test(text[at] ?? "")) at++;
  return at;
}

function endOfString(text: string, at: number): number {
  for (at++; text[at] !== '"' && at < text.length; at++) if (text[at] === "\\") at++;
  return at + 1;
}

function endOfValue(text: string, at: number): number {
  if (text[at] === '"') return endOfString(text, at);
  if (text[at] !== "{" && text[at] !== "[") {
    while (at < text.length && !/[\s,\]}]/.test(text[at] ?? "")) at++;
    return at;
  }
  for (let depth = 0; at < text.length; ) {
    const sign = text[at];
    if (sign === '"') {
      at = endOfString(text, at);
      continue;
    }
    at++;
    if (sign === "{" || sign === "[") depth++;
    if ((sign === "}" || sign === "]") && --depth === 0) return at;
  }
  return at;
}
