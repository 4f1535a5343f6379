// A file of tasks on its way in: whole lines, in requests that are small enough.
import { call, Problem, type FieldProblem } from "../api/client.ts";
import { Pieces, type Taken } from "../api/pieces.ts";

const kMostLines = 1_000;
const kMostBytes = 900 * 1024;
const kBusy = 503;
const kTooMuch = 413;

export interface Line {
  number: number; // in the file
  text: string;
}

interface LineResult {
  status: number;
  problem?: { detail: string };
}

// Empty ones are counted and left out.
export function linesOf(text: string): Line[] {
  return text.split("\n").flatMap((line, i) => (line.trim() ? [{ number: i + 1, text: line }] : []));
}

// How many of the first fit into a request; one at least.
export function fitting(lines: Line[]): number {
  const encoder = new TextEncoder();
  let bytes = 0;
  for (const [i, line] of lines.slice(0, kMostLines).entries()) {
    bytes += encoder.encode(line.text).length + 1;
    if (i > 0 && bytes > kMostBytes) return i;
  }
  return Math.min(lines.length, kMostLines);
}

export class Import {
  readonly refused: FieldProblem[] = [];
  lines = 0; // that are decided
  private readonly pieces: Pieces<Line>;

  constructor(text: string, private readonly mode: string) {
    this.pieces = new Pieces(linesOf(text), fitting);
  }

  // Again after a failure: goes on where it stopped.
  send(told: () => void, signal: AbortSignal): Promise<void> {
    const ask = async (piece: Line[], key: string) => {
      const taken = await this.ask(piece, key, signal);
      told();
      return taken;
    };
    return this.pieces.send(ask, signal);
  }

  private async ask(piece: Line[], key: string, signal: AbortSignal): Promise<Taken<Line>> {
    try {
      const answer = await call<{ results: LineResult[] }>("POST", "/v1/tasks:import", {
        query: { mode: this.mode },
        body: piece.map((line) => line.text + "\n").join(""),
        type: "application/x-ndjson",
        key,
        signal,
      });
      return this.count(piece, answer.body.results, answer.retryAfterS);
    } catch (error) {
      // A line that is too long by itself holds up no other.
      if (!(error instanceof Problem) || error.status !== kTooMuch || piece.length > 1) throw error;
      return this.count(piece, [{ status: kTooMuch, problem: error }], 0);
    }
  }

  private count(piece: Line[], results: LineResult[], waitS: number): Taken<Line> {
    const again = piece.filter((_, i) => results[i]?.status === kBusy);
    this.lines += piece.length - again.length;
    for (const [i, result] of results.entries()) {
      if (!result.problem || result.status === kBusy) continue;
      this.refused.push({ pointer: `Line ${piece[i]?.number}`, code: "", detail: result.problem.detail });
    }
    return { again, waitS };
  }
}
