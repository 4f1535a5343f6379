// What two definitions that began as one have become: for each value that the other side has
// changed, what both sides say.
import { leaves, parseTree } from "./json_tree.ts";

export interface Difference {
  pointer: string;
  before: string | undefined;
  theirs: string | undefined;
  mine: string | undefined;
}

export function differences(before: string, theirs: string, mine: string): Difference[] {
  const [was, other, own] = [before, theirs, mine].map((text) => leaves(parseTree(text, ["payload"])));
  if (!was || !other || !own) return [];
  const pointers = new Set([...was.keys(), ...other.keys()]);
  return [...pointers]
    .filter((pointer) => was.get(pointer) !== other.get(pointer))
    .map((pointer) => ({
      pointer,
      before: was.get(pointer),
      theirs: other.get(pointer),
      mine: own.get(pointer),
    }));
}
