// Tasks out as lines of JSON, by the list's filter, and in again.
import { useState } from "preact/hooks";
import { call, urlOf } from "../api/client.ts";
import { place } from "../place.ts";
import { may } from "../state/session.ts";
import { Confirm } from "../view/confirm.tsx";
import { plural } from "../view/text.ts";
import { filterOf } from "./filter.ts";

const kMostLines = 1_000;
const kMostBytes = 900 * 1024;

export function TransferActions({ imported }: { imported: () => void }) {
  const [asked, setAsked] = useState(false);
  const href = urlOf("/v1/tasks:export", filterOf(place.value.query));
  return (
    <>
      <a class="button" href={href} download="tasks.ndjson">
        Export
      </a>
      {may("tasks:write") && (
        <button type="button" onClick={() => setAsked(true)}>
          Import …
        </button>
      )}
      {asked && <ImportDialog close={() => setAsked(false)} imported={imported} />}
    </>
  );
}

interface ImportResults {
  results: { line: number; status: number; problem?: { detail: string } }[];
}

// Pieces that fit into a request, of whole lines.
export function piecesOf(text: string): string[][] {
  const pieces: string[][] = [];
  let piece: string[] = [];
  let bytes = 0;
  for (const line of text.split("\n").filter((one) => one.trim())) {
    const length = new TextEncoder().encode(line).length + 1;
    if (piece.length === kMostLines || (piece.length > 0 && bytes + length > kMostBytes)) {
      pieces.push(piece);
      piece = [];
      bytes = 0;
    }
    piece.push(line);
    bytes += length;
  }
  if (piece.length > 0) pieces.push(piece);
  return pieces;
}

function ImportDialog({ close, imported }: { close: () => void; imported: () => void }) {
  const [file, setFile] = useState<File>();
  const [mode, setMode] = useState("create");
  const [told, setTold] = useState("");
  const run = async () => {
    if (!file) return;
    let lines = 0;
    const failed: string[] = [];
    for (const piece of piecesOf(await file.text())) {
      const { body } = await call<ImportResults>("POST", "/v1/tasks:import", {
        query: { mode },
        body: piece.join("\n") + "\n",
        type: "application/x-ndjson",
      });
      for (const result of body.results) {
        if (result.problem) failed.push(`Line ${lines + result.line}: ${result.problem.detail}`);
      }
      lines += piece.length;
      setTold(`${plural(lines, "line")} sent`);
    }
    imported();
    if (failed.length > 0) throw new Error(`${failed.length} of ${lines} lines were refused. ${failed.slice(0, 5).join(" ")}`);
  };
  return (
    <Confirm title="Import tasks" action="Import" run={run} close={close} disabled={!file}>
      <p>
        Lines of JSON, as an export has them. <span aria-live="polite">{told}</span>
      </p>
      <label>
        File
        <input type="file" accept=".ndjson,.jsonl,.json,application/x-ndjson" onChange={(event) => setFile(event.currentTarget.files?.[0])} />
      </label>
      <label>
        Tasks that exist
        <select value={mode} onChange={(event) => setMode(event.currentTarget.value)}>
          <option value="create">are left as they are, and reported if they differ</option>
          <option value="upsert">are replaced</option>
        </select>
      </label>
    </Confirm>
  );
}
