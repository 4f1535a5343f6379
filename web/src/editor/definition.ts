// A task's definition as a form, and back. The form keeps the definition that it came from, and
// writing it changes only what differs: members it does not know, and how values were written,
// stay. The payload is spliced in as it was typed.
import { rawOf, textIn } from "./codecs.ts";
import { type Field, type Group, kFields, kKinds, type ScheduleKind } from "./fields.ts";
import { at, escaped, type Member, type Node, parseTree, plain, put, writeTree } from "./json_tree.ts";

export interface Row {
  name: string;
  value: string;
}
export const kRowPointers = ["/labels", "/target/headers"] as const;
export type RowPointer = (typeof kRowPointers)[number];

export const kPayloadKinds = ["none", "json", "text", "base64"] as const;
export type PayloadKind = (typeof kPayloadKinds)[number];
export interface Payload {
  kind: PayloadKind;
  text: string;
  contentType: string;
}

export interface Form {
  base: Node;
  kind: ScheduleKind;
  values: Readonly<Record<string, string>>; // of kFields, by pointer; "" is not there
  rows: Readonly<Record<RowPointer, readonly Row[]>>;
  payload: Payload;
}

export interface Complaint {
  pointer: string; // with # in front, as the server's
  code: string;
  detail: string;
}

const kPayloadMembers = { json: "payload", text: "payload_text", base64: "payload_base64" } as const;
// What answers show and a definition has not. A pause is kept by a change that does not name it.
const kOutputOnly = [
  "paused",
  "paused_by",
  "state",
  "state_reason",
  "generation",
  "version",
  "next_due_at",
  "backfill",
  "last_run",
  "counts",
  "schedule_kind",
  "schedule_text",
  "upcoming",
  "created_at",
  "created_by",
  "updated_at",
  "in_flight",
];

export function pathOf(pointer: string): string[] {
  return pointer.split("/").slice(1);
}

// Of a task as the server tells it.
export function definitionOf(taskText: string): string {
  const task = parseTree(taskText, ["payload"]);
  return writeTree(typeof task === "string" ? task : task.filter(({ name }) => !kOutputOnly.includes(name)));
}

export function formOf(text: string): Form {
  const base = parseTree(text, ["payload"]);
  if (typeof base === "string") throw new Error("A definition is a JSON object.");
  const tree = expanded(base);
  return {
    base,
    kind: kindIn(tree),
    values: Object.fromEntries(kFields.map((field) => [field.pointer, valueIn(tree, field)])),
    rows: { "/labels": rowsIn(tree, "/labels"), "/target/headers": rowsIn(tree, "/target/headers") },
    payload: payloadIn(tree),
  };
}

export function textOf(form: Form): string {
  return writeTree(treeOf(form));
}

export function treeOf(form: Form): Node {
  const start = expanded(form.base);
  let tree = start;
  if (form.kind !== kindIn(tree)) tree = put(put(tree, ["schedule"], []), ["type"], undefined);
  if (targetKind(form) !== textIn("choice", at(tree, ["target", "kind"]))) tree = put(tree, ["target"], []);
  for (const field of kFields) tree = withField(tree, form, field);
  for (const pointer of kRowPointers) tree = withRows(tree, form, pointer);
  return idFirst(asItWas(withPayload(tree, form.payload), start, form.base), form.base);
}

// The schedule alone, for a preview; undefined while what makes it one is not filled in.
export function scheduleText(form: Form): string | undefined {
  if (!form.values[`/schedule/${form.kind}`]) return undefined;
  const schedule = at(treeOf({ ...form, payload: { kind: "none", text: "", contentType: "" } }), ["schedule"]);
  return schedule === undefined ? undefined : writeTree(schedule);
}

// Whether the field means anything beside what the others say.
export function applies(form: Form, field: Field): boolean {
  if (field.kinds && !field.kinds.includes(form.kind)) return false;
  if (field.when) {
    const [pointer, ...values] = field.when;
    const value = pointer === "/target/kind" ? targetKind(form) : (form.values[pointer] ?? "");
    if (!values.includes(value)) return false;
    if (pointer !== "/target/kind" && field.pointer.startsWith("/target/") && targetKind(form) !== "http") return false;
  }
  const owner = ownerOf(field);
  return owner === undefined || form.values[owner.pointer] !== "";
}

export function isUsual(form: Form, field: Field): boolean {
  const value = form.values[field.pointer] ?? "";
  return value === "" || (field.usual?.includes(value) ?? false);
}

export function hasUnusual(form: Form, group: Group): boolean {
  return kFields.some((field) => field.group === group && applies(form, field) && !isUsual(form, field));
}

export function withValue(form: Form, pointer: string, value: string): Form {
  return { ...form, values: { ...form.values, [pointer]: value } };
}

// What would not even make JSON, or would silently lose what was typed.
export function complaints(form: Form): Complaint[] {
  const found: Complaint[] = [];
  if (form.payload.kind === "json") {
    try {
      JSON.parse(form.payload.text);
    } catch (error) {
      found.push({ pointer: "#/payload", code: "invalid", detail: `This is no JSON: ${(error as Error).message}` });
    }
  }
  for (const pointer of kRowPointers) {
    if (pointer === "/target/headers" && targetKind(form) !== "http") continue;
    const names = new Set<string>();
    for (const { name, value } of form.rows[pointer]) {
      if (!name && value) found.push({ pointer: `#${pointer}`, code: "required", detail: "A value has no name." });
      if (name && names.has(name)) {
        found.push({ pointer: `#${pointer}/${escaped(name)}`, code: "duplicate", detail: `${name} is there twice.` });
      }
      names.add(name);
    }
  }
  return found;
}

const kInstant = /^\d{4}-\d\d-\d\d[Tt]/;

// Where a string stands for an object, the object.
function expanded(base: Node): Node {
  let tree = base;
  const misfire = at(base, ["misfire"]);
  if (typeof misfire === "string" && misfire.startsWith('"')) {
    tree = put(tree, ["misfire"], [{ name: "policy", value: misfire }]);
  }
  const schedule = at(base, ["schedule"]);
  if (typeof schedule === "string" && schedule.startsWith('"')) {
    const text = plain(schedule).trim();
    let kind: ScheduleKind = plain(String(at(base, ["type"]) ?? "")) === "one-time" ? "delay" : "every";
    if (kInstant.test(text)) kind = "at";
    else if (text.startsWith("@") || /\s/.test(text)) kind = "cron";
    tree = put(tree, ["schedule"], [{ name: kind, value: schedule }]);
  }
  return tree;
}

// Members that were not touched are written as they were.
function asItWas(tree: Node, start: Node, base: Node): Node {
  let kept = tree;
  for (const name of ["schedule", "misfire"]) {
    const now = at(kept, [name]);
    const before = at(base, [name]);
    if (before !== undefined && now !== undefined && writeTree(now) === writeTree(at(start, [name]) ?? [])) {
      kept = put(kept, [name], before);
    }
  }
  return kept;
}

// Where people look for it.
function idFirst(tree: Node, base: Node): Node {
  const id = at(tree, ["id"]);
  if (id === undefined || typeof tree === "string" || at(base, ["id"]) !== undefined) return tree;
  return [{ name: "id", value: id }, ...tree.filter(({ name }) => name !== "id")];
}

function kindIn(tree: Node): ScheduleKind {
  return kKinds.find((kind) => at(tree, ["schedule", kind]) !== undefined) ?? "cron";
}

function targetKind(form: Form): string {
  return form.values["/target/kind"] ?? "";
}

function valueIn(tree: Node, field: Field): string {
  return textIn(field.type, at(tree, pathOf(field.pointer)));
}

function parentOf(pointer: string): string {
  return pointer.slice(0, pointer.lastIndexOf("/"));
}

function ownerOf(field: Field): Field | undefined {
  if (field.owner) return undefined;
  const parent = parentOf(field.pointer);
  return kFields.find((other) => other.owner && parentOf(other.pointer) === parent);
}

function withField(tree: Node, form: Form, field: Field): Node {
  const wanted = applies(form, field) ? (form.values[field.pointer] ?? "") : "";
  // The server takes misfire policies of every task, and a one-time task keeps its own unshown.
  if (field.group === "misfire" && !applies(form, field)) return tree;
  if (wanted === valueIn(tree, field)) return tree;
  if (wanted !== "") return put(tree, pathOf(field.pointer), rawOf(field.type, wanted));
  return put(tree, pathOf(field.owner ? parentOf(field.pointer) : field.pointer), undefined);
}

function rowsIn(tree: Node, pointer: RowPointer): Row[] {
  const members = at(tree, pathOf(pointer));
  if (members === undefined || typeof members === "string") return [];
  return members.map(({ name, value }) => ({ name, value: typeof value === "string" ? plain(value) : writeTree(value) }));
}

function withRows(tree: Node, form: Form, pointer: RowPointer): Node {
  if (pointer === "/target/headers" && targetKind(form) !== "http") return tree;
  const rows = form.rows[pointer].filter(({ name, value }) => name || value);
  if (JSON.stringify(rows) === JSON.stringify(rowsIn(tree, pointer))) return tree;
  const members = rows.map(({ name, value }): Member => ({ name, value: JSON.stringify(value) }));
  return put(tree, pathOf(pointer), members.length > 0 ? members : undefined);
}

function payloadIn(tree: Node): Payload {
  const type = at(tree, ["content_type"]);
  const contentType = typeof type === "string" ? plain(type) : "";
  for (const kind of ["json", "text", "base64"] as const) {
    const value = at(tree, [kPayloadMembers[kind]]);
    if (typeof value !== "string") continue;
    return { kind, text: kind === "json" ? value : plain(value), contentType };
  }
  return { kind: "none", text: "", contentType };
}

function withPayload(tree: Node, payload: Payload): Node {
  const before = payloadIn(tree);
  const same = payload.kind === before.kind && payload.text === before.text && payload.contentType === before.contentType;
  if (same) return tree;
  let next = tree;
  for (const name of [...Object.values(kPayloadMembers), "content_type"]) next = put(next, [name], undefined);
  if (payload.kind === "none") return next;
  next = put(next, [kPayloadMembers[payload.kind]], payload.kind === "json" ? payload.text.trim() : JSON.stringify(payload.text));
  if (payload.kind === "json" || payload.contentType === "") return next;
  return put(next, ["content_type"], JSON.stringify(payload.contentType));
}
