// The one way to the server: its public API, relative to the page, with the browser's session.
// What it refuses comes as a Problem (RFC 9457), with the id under which its log has the request.
import { signal } from "@preact/signals";

export interface FieldProblem {
  pointer: string;
  code: string;
  detail: string;
}

export class Problem extends Error {
  constructor(
    readonly status: number, // 0: no answer came
    readonly code: string,
    readonly detail: string,
    readonly errors: FieldProblem[] = [],
    readonly requestId = "",
    readonly retryAfterS = 0,
  ) {
    super(detail);
  }
  at(pointer: string): string | undefined {
    return this.errors.find((error) => error.pointer === "#" + pointer)?.detail;
  }
}

export interface Answer<T> {
  status: number;
  body: T;
  text: string; // as it came: numbers that JavaScript would round are whole here
  etag: string;
  retryAfterS: number; // of what could not all be done: when the rest may come
}

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

export interface Asked {
  query?: Record<string, string | number | string[] | undefined>;
  body?: unknown; // an object; a string goes as it is
  ifMatch?: string;
  key?: string; // Idempotency-Key: drawn once for a change that is meant once
  type?: string;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

// Set by every 401: the page asks for a key then, above what was being done, until one is taken or the
// question is put away; the next 401 asks again.
export const shutOut = signal(false);

export function urlOf(path: string, query: Asked["query"] = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === "") continue;
    for (const one of Array.isArray(value) ? value : [value]) search.append(name, String(one));
  }
  const text = search.toString();
  return new URL(path.replace(/^\//, "") + (text ? "?" + text : ""), document.baseURI).href;
}

export async function call<T>(method: Method, path: string, asked: Asked = {}): Promise<Answer<T>> {
  const headers = new Headers(asked.headers);
  const init: RequestInit = { method, headers, cache: "no-store", credentials: "same-origin" };
  if (asked.signal) init.signal = asked.signal;
  if (asked.ifMatch) headers.set("If-Match", asked.ifMatch);
  if (asked.key) headers.set("Idempotency-Key", asked.key);
  if (asked.body !== undefined) {
    headers.set("Content-Type", asked.type ?? "application/json");
    init.body = typeof asked.body === "string" ? asked.body : JSON.stringify(asked.body);
  }
  let response: Response;
  let text: string;
  try {
    response = await fetch(urlOf(path, asked.query), init);
    text = await response.text();
  } catch (error) {
    if (asked.signal?.aborted) throw error;
    throw new Problem(0, "unreachable", "The server cannot be reached.");
  }
  if (!response.ok) throw problemOf(response, text);
  const json = response.headers.get("Content-Type")?.includes("json");
  return {
    status: response.status,
    body: (json ? JSON.parse(text) : undefined) as T,
    text,
    etag: response.headers.get("ETag") ?? "",
    retryAfterS: retryAfter(response),
  };
}

function problemOf(response: Response, text: string): Problem {
  if (response.status === 401) shutOut.value = true;
  const wait = retryAfter(response);
  try {
    const body = JSON.parse(text) as {
      code?: string;
      detail?: string;
      errors?: FieldProblem[];
      request_id?: string;
    };
    return new Problem(
      response.status,
      body.code ?? "unknown",
      body.detail ?? response.statusText,
      body.errors ?? [],
      body.request_id ?? "",
      wait,
    );
  } catch {
    return new Problem(response.status, "unknown", `HTTP ${response.status}`, [], "", wait);
  }
}

function retryAfter(response: Response): number {
  return Number(response.headers.get("Retry-After") ?? 0) || 0;
}

// Pages served without TLS have no crypto.randomUUID().
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
