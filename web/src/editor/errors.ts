// Which field a complaint belongs to, and which complaints belong to none that is shown.
import type { FieldProblem } from "../api/client.ts";
import { applies, type Form, kRowPointers } from "./definition.ts";
import { kFields } from "./fields.ts";

const kPayload = ["/payload", "/payload_text", "/payload_base64", "/content_type"];

// What is wrong there; undefined: nothing.
export function errorAt(errors: readonly FieldProblem[], ...pointers: string[]): string | undefined {
  const own = errors.filter((error) => pointers.some((pointer) => belongs(error.pointer, pointer)));
  return [...new Set(own.map((error) => error.detail))].join(" ") || undefined;
}

export function without(errors: readonly FieldProblem[], pointer: string): FieldProblem[] {
  return errors.filter((error) => !belongs(error.pointer, pointer));
}

export function homeless(errors: readonly FieldProblem[], form: Form): FieldProblem[] {
  const shown = kFields.filter((field) => applies(form, field)).map((field) => field.pointer);
  const homes = [...shown, ...kRowPointers, ...kPayload];
  return errors.filter((error) => !homes.some((pointer) => belongs(error.pointer, pointer)));
}

const kMain = /^\/schedule\/(cron|every|at|delay|rrule)$/;

function belongs(at: string, pointer: string): boolean {
  if (at === "#/schedule") return kMain.test(pointer);
  return at === `#${pointer}` || at.startsWith(`#${pointer}/`);
}
