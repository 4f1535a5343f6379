// A key for some of the tasks is refused whatever is about the server or all tasks at once, whatever
// its scopes (docs/guide/security.md).
import type { Scope } from "../api/types.ts";
import { may, session } from "../state/session.ts";

export function isNarrowed(): boolean {
  return session.value?.key?.selection !== undefined;
}

export function mayAtServer(scope: Scope): boolean {
  return may(scope) && !isNarrowed();
}
