// A change that is meant once, however often it is tried: what is the same goes under the same
// Idempotency-Key, which a server that has done it already knows. Another one under that key would be
// refused.
import { newKey } from "./client.ts";

export class Intent {
  private what = "";
  private key = "";
  keyFor(what: string): string {
    if (this.key === "" || this.what !== what) [this.what, this.key] = [what, newKey()];
    return this.key;
  }
  // It is done: the same is meant anew from now on.
  done(): void {
    this.key = "";
  }
}
