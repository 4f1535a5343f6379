// Who asks, and what that allows: buttons that the server would refuse are not offered.
import { signal } from "@preact/signals";
import { call, Problem, shutOut } from "../api/client.ts";
import type { Scope, Session } from "../api/types.ts";

export const session = signal<Session | undefined>(undefined); // undefined: not known, or shut out
export const sessionProblem = signal<Problem | undefined>(undefined);

export function may(scope: Scope): boolean {
  const now = session.value;
  return now !== undefined && now.scopes.includes(scope);
}

export async function loadSession(): Promise<void> {
  try {
    session.value = (await call<Session>("GET", "/v1/session")).body;
    sessionProblem.value = undefined;
  } catch (error) {
    session.value = undefined;
    sessionProblem.value = error instanceof Problem && error.status !== 401 ? error : undefined;
  }
}

export async function signIn(key: string): Promise<void> {
  session.value = (await call<Session>("POST", "/v1/session", { body: { key } })).body;
  shutOut.value = false;
}

export async function signOut(): Promise<void> {
  try {
    await call("DELETE", "/v1/session", { body: {} });
  } catch (error) {
    if (!(error instanceof Problem && error.status === 401)) throw error; // else it has ended by itself
  }
  session.value = undefined;
  await loadSession();
}
