// How the kinds of fields turn what was typed into JSON, and JSON into what is shown. Nothing is
// judged here: what the server would not take is sent as a string, and it says what is wrong.
import { type Node, parseTree, plain, at } from "./json_tree.ts";

export type FieldType =
  | "text"
  | "area"
  | "number"
  | "flag"
  | "choice"
  | "amount" // a number, or text
  | "backoff" // a word, or a list of durations
  | "codes" // statuses and ranges of them
  | "lines" // one string a line
  | "ranges"; // a date a line, or two instants with a slash between

interface Codec {
  read: (raw: string) => string;
  write: (text: string) => string;
}

const kNumber = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;

const quoted = (text: string) => JSON.stringify(text);
const number = (text: string) => (kNumber.test(text.trim()) ? text.trim() : quoted(text));
const list = (entries: string[]) => `[${entries.join(", ")}]`;
const split = (text: string, between: RegExp) =>
  text
    .split(between)
    .map((part) => part.trim())
    .filter(Boolean);

// The texts of an array's entries. They are wrapped, so that the reader of members finds them.
function entriesOf(raw: string): Node[] | undefined {
  if (!raw.startsWith("[")) return undefined;
  const entries = JSON.parse(raw) as unknown[];
  return entries.map((entry) => parseTree(JSON.stringify(entry)));
}

const joined = (raw: string, between: string) =>
  entriesOf(raw)?.map(lineOf).join(between) ?? plain(raw);

function lineOf(entry: Node): string {
  if (typeof entry === "string") return plain(entry);
  const bound = (name: string) => {
    const value = at(entry, [name]);
    return typeof value === "string" ? plain(value) : "";
  };
  return `${bound("from")}/${bound("to")}`;
}

function range(line: string): string {
  const [from = "", to] = line.split("/").map((part) => part.trim());
  return to === undefined ? quoted(from) : `{"from": ${quoted(from)}, "to": ${quoted(to)}}`;
}

const kBackoffs = ["exponential", "fixed", "linear"];

const kText: Codec = { read: plain, write: quoted };
const kCodecs: Record<FieldType, Codec> = {
  text: kText,
  area: kText,
  choice: kText,
  number: { read: plain, write: number },
  amount: { read: plain, write: number },
  flag: { read: plain, write: (text) => (text === "true" ? "true" : "false") },
  backoff: {
    read: (raw) => joined(raw, ", "),
    write: (text) => (kBackoffs.includes(text.trim()) ? quoted(text.trim()) : list(split(text, /[,\s]+/).map(quoted))),
  },
  codes: {
    read: (raw) => joined(raw, ", "),
    write: (text) => list(split(text, /[,\s]+/).map(number)),
  },
  lines: { read: (raw) => joined(raw, "\n"), write: (text) => list(split(text, /\n/).map(quoted)) },
  ranges: { read: (raw) => joined(raw, "\n"), write: (text) => list(split(text, /\n/).map(range)) },
};

export function textIn(type: FieldType, node: Node | undefined): string {
  return typeof node === "string" ? kCodecs[type].read(node) : "";
}

export function rawOf(type: FieldType, text: string): string {
  return kCodecs[type].write(text);
}
