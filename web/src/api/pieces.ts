// Many things asked for in several requests: as many at once as the key may ask for, and again those
// that the server had no room for. What breaks off goes on where it stopped when it is sent again,
// under the key that the piece had, so that nothing is done twice.
import { newKey, Problem } from "./client.ts";
import { pause } from "./pause.ts";

const kTooMuch = 413; // nothing of it was done
const kMostTries = 10; // of a piece, as long as the server says when to come again
const kLongestWaitS = 30;

export interface Taken<T> {
  again: T[]; // were refused for want of room
  waitS: number;
}

type Ask<T> = (piece: T[], key: string) => Promise<Taken<T>>;

export class Pieces<T> {
  private piece: T[] = [];
  private key = "";
  private most = Infinity;
  private tries = 0;

  // `fits` says how many of the first fit into a request.
  constructor(
    private rest: T[],
    private readonly fits: (rest: T[]) => number,
    private readonly wait = pause,
  ) {}

  async send(ask: Ask<T>, signal: AbortSignal): Promise<void> {
    this.tries = 0;
    while (this.next()) {
      const waitS = await this.once(ask);
      if (waitS !== undefined) await this.wait(Math.min(Math.max(waitS, 1), kLongestWaitS) * 1_000, signal);
    }
  }

  private next(): boolean {
    if (this.piece.length > 0) return true;
    this.tries = 0;
    this.become(this.rest.splice(0, Math.min(this.most, this.fits(this.rest))));
    return this.piece.length > 0;
  }

  private become(piece: T[]): void {
    this.piece = piece;
    this.key = newKey();
  }

  // How many seconds to wait before the next, if any.
  private async once(ask: Ask<T>): Promise<number | undefined> {
    const isLast = ++this.tries >= kMostTries;
    try {
      const { again, waitS } = await ask(this.piece, this.key);
      this.become(again);
      if (again.length === 0) return undefined;
      if (!isLast) return waitS;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (error.status === kTooMuch && this.piece.length > 1) return this.halve();
      if (error.retryAfterS === 0 || isLast) throw error;
      return error.retryAfterS;
    }
    throw new Error(`The server has no room for the ${this.piece.length} that come next. To go on there, try again.`);
  }

  private halve(): undefined {
    this.tries = 0;
    this.most = Math.floor(this.piece.length / 2);
    this.rest = this.piece.slice(this.most).concat(this.rest);
    this.become(this.piece.slice(0, this.most));
  }
}
