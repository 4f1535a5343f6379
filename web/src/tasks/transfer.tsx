// Tasks out as lines of JSON, by the list's filter, and in again.
import { useEffect, useRef, useState } from "preact/hooks";
import { Problem, urlOf, type FieldProblem } from "../api/client.ts";
import { place } from "../place.ts";
import { may } from "../state/session.ts";
import { Confirm } from "../view/confirm.tsx";
import { counted, plural } from "../view/text.ts";
import { filterOf } from "./filter.ts";
import { Import } from "./import.ts";

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

const kToldRefusals = 20;

function refusal(lines: number, refused: FieldProblem[]): Problem {
  const first = refused.length > kToldRefusals ? ` The first ${kToldRefusals}:` : "";
  const told = `${counted(lines - refused.length)} of ${plural(lines, "line")} taken, ${counted(refused.length)} refused.${first}`;
  return new Problem(0, "refused", told, refused.slice(0, kToldRefusals));
}

function ImportDialog({ close, imported }: { close: () => void; imported: () => void }) {
  const [file, setFile] = useState<File>();
  const [mode, setMode] = useState("create");
  const [told, setTold] = useState("");
  const begun = useRef<Import | undefined>(undefined);
  const stop = useRef(new AbortController());
  useEffect(() => () => stop.current.abort(), []);
  const anew = () => {
    begun.current = undefined;
    setTold("");
  };
  const run = async () => {
    if (!file) return;
    const going = (begun.current ??= new Import(await file.text(), mode));
    try {
      await going.send(() => setTold(`${plural(going.lines, "line")} sent`), stop.current.signal);
    } finally {
      if (going.lines > going.refused.length) imported();
    }
    begun.current = undefined; // once more is from the start
    const { refused, lines } = going;
    if (refused.length > 0) throw refusal(lines, refused);
  };
  return (
    <Confirm title="Import tasks" action="Import" run={run} close={close} disabled={!file}>
      <p>
        Lines of JSON, as an export has them. <span aria-live="polite">{told}</span>
      </p>
      <label>
        File
        <input type="file" accept=".ndjson,.jsonl,.json,application/x-ndjson" onChange={(event) => { anew(); setFile(event.currentTarget.files?.[0]); }} />
      </label>
      <label>
        Tasks that exist
        <select value={mode} onChange={(event) => { anew(); setMode(event.currentTarget.value); }}>
          <option value="create">are left as they are, and reported if they differ</option>
          <option value="upsert">are replaced</option>
        </select>
      </label>
    </Confirm>
  );
}
