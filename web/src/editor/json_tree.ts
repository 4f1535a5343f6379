// A JSON object as members whose values keep their text: what is changed in one place leaves every
// other byte of a value as it was, numbers beyond 2^53 among them. Values never change in place.
import { rawMember } from "../api/raw_json.ts";

export interface Member {
  name: string;
  value: Node;
}
export type Node = string | Member[]; // the text of a value, or the members of an object

// Members of the outermost object that `opaque` names stay text. Throws what JSON.parse does.
export function parseTree(text: string, opaque: readonly string[] = []): Node {
  const whole = text.trim();
  const value = JSON.parse(whole) as unknown;
  if (!whole.startsWith("{")) return whole;
  return Object.keys(value as object).map((name) => {
    const raw = rawMember(whole, name) ?? "null";
    return { name, value: opaque.includes(name) ? raw : parseTree(raw) };
  });
}

export function writeTree(node: Node, indent = ""): string {
  if (typeof node === "string") return node;
  if (node.length === 0) return "{}";
  const inner = indent + "  ";
  const lines = node.map(({ name, value }) => `${inner}${JSON.stringify(name)}: ${writeTree(value, inner)}`);
  return `{\n${lines.join(",\n")}\n${indent}}`;
}

export function at(node: Node | undefined, path: readonly string[]): Node | undefined {
  let here = node;
  for (const name of path) {
    if (here === undefined || typeof here === "string") return undefined;
    here = here.find((member) => member.name === name)?.value;
  }
  return here;
}

// With `value` there, in objects made as needed; undefined takes it out, and the objects that this
// leaves empty with it.
export function put(node: Node, path: readonly string[], value: Node | undefined): Node {
  const [name, ...rest] = path;
  if (name === undefined) return value ?? [];
  const members = typeof node === "string" ? [] : node;
  const old = members.find((member) => member.name === name)?.value;
  if (value === undefined && old === undefined) return node;
  let next = value;
  if (rest.length > 0) {
    const inner = put(old ?? [], rest, value);
    next = value === undefined && Array.isArray(inner) && inner.length === 0 ? undefined : inner;
  }
  if (next === undefined) return members.filter((member) => member.name !== name);
  const entry = { name, value: next };
  if (old === undefined) return [...members, entry];
  return members.map((member) => (member.name === name ? entry : member));
}

// Every value that is no object, by its JSON pointer.
export function leaves(node: Node, pointer = ""): Map<string, string> {
  if (typeof node === "string") return new Map([[pointer, node]]);
  if (node.length === 0) return new Map(pointer ? [[pointer, "{}"]] : []);
  return new Map(node.flatMap(({ name, value }) => [...leaves(value, `${pointer}/${escaped(name)}`)]));
}

export function escaped(name: string): string {
  return name.replaceAll("~", "~0").replaceAll("/", "~1");
}

// The value of a JSON string; of another value its text, of null nothing.
export function plain(raw: string): string {
  if (raw.startsWith('"')) return JSON.parse(raw) as string;
  return raw === "null" ? "" : raw;
}
