// The definition of a task that tries what a form would send, once and at once. It does not delete
// itself: a deleted task takes its runs along, and the attempt is what one wants to see.
import { type Form, treeOf } from "./definition.ts";
import { at, type Node, put, writeTree } from "./json_tree.ts";

const kTaken = ["labels", "target", "payload", "payload_text", "payload_base64", "content_type"];

export function testTaskText(form: Form, id: string): string {
  const whole = treeOf(form);
  let task: Node = [
    { name: "id", value: JSON.stringify(id) },
    { name: "schedule", value: '{"delay": 0}' },
    { name: "retry", value: '{"max_attempts": 1}' },
  ];
  for (const name of kTaken) {
    const value = at(whole, [name]);
    if (value !== undefined) task = put(task, [name], value);
  }
  return writeTree(put(task, ["labels", "test-of"], JSON.stringify(form.values["/id"] || "unsaved")));
}
