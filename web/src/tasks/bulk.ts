// A change of many tasks on its way: of all that match a filter, or of those that are named. What breaks
// off goes on where it stopped when it is run again: nothing is done twice.
import { call, newKey } from "../api/client.ts";
import { pause } from "../api/pause.ts";
import { Pieces, type Taken } from "../api/pieces.ts";

export type Action = "pause" | "resume" | "run" | "delete";

interface Result {
  status: number;
  id?: string;
  problem?: { detail: string };
}

interface Part {
  matched: number;
  changed: number;
  failed: number;
  problems?: Result[];
  done: boolean;
  next_page_token?: string;
}

export interface Bulk {
  changed: number;
  failed: number;
  first: Result | undefined; // of those that failed
  run: (signal: AbortSignal) => Promise<void>;
}

const kRestMs = 1_000; // of a server that had no time for any

// Each request goes on where the one before ended for want of time; `token` and `key` are those of the
// next one until it is answered.
export class FilterBulk implements Bulk {
  changed = 0;
  failed = 0;
  first: Result | undefined;
  private token: string | undefined;
  private key = newKey();
  private done = false;

  constructor(private readonly body: object) {}

  async run(signal: AbortSignal): Promise<void> {
    while (!this.done) {
      const body = this.token === undefined ? this.body : { ...this.body, page_token: this.token };
      const part = (await call<Part>("POST", "/v1/tasks:bulk", { body, key: this.key, signal })).body;
      this.changed += part.changed;
      this.failed += part.failed;
      this.first ??= part.problems?.[0];
      this.token = part.next_page_token;
      this.key = newKey();
      this.done = part.done;
      if (!part.done && part.matched === 0) await pause(kRestMs, signal);
    }
  }
}

// How many match.
export async function countMatching(body: object, signal: AbortSignal): Promise<number> {
  let sum = 0;
  for (let token: string | undefined; ; ) {
    const asked = { ...body, dry_run: true, ...(token === undefined ? {} : { page_token: token }) };
    const part = (await call<Part>("POST", "/v1/tasks:bulk", { body: asked, signal })).body;
    sum += part.matched;
    if (part.done) return sum;
    token = part.next_page_token;
    if (part.matched === 0) await pause(kRestMs, signal);
  }
}

const kMostOperations = 1_000;
const kBusy = 503;

export class NamedBulk implements Bulk {
  changed = 0;
  failed = 0;
  first: Result | undefined;
  private readonly pieces: Pieces<object>;

  constructor(operations: object[]) {
    this.pieces = new Pieces(operations, () => kMostOperations);
  }

  run(signal: AbortSignal): Promise<void> {
    const ask = async (operations: object[], key: string) => {
      const asked = { body: { operations }, key, signal };
      const answer = await call<{ results: Result[] }>("POST", "/v1/tasks:batch", asked);
      return this.count(operations, answer.body.results, answer.retryAfterS);
    };
    return this.pieces.send(ask, signal);
  }

  private count(operations: object[], results: Result[], waitS: number): Taken<object> {
    const decided = results.filter((result) => result.status !== kBusy);
    const refused = decided.filter((result) => result.problem);
    this.changed += decided.length - refused.length;
    this.failed += refused.length;
    this.first ??= refused[0];
    return { again: operations.filter((_, i) => results[i]?.status === kBusy), waitS };
  }
}
