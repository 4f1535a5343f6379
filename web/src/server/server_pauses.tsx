// Pauses of many tasks at once: those in force, one more, the end of one.
import { useState } from "preact/hooks";
import { call, Problem } from "../api/client.ts";
import { Intent } from "../api/intent.ts";
import type { GlobalPause } from "../api/types.ts";
import { Confirm } from "../view/confirm.tsx";
import { LinesField, TextField } from "../view/field.tsx";
import { fieldZone, fromField } from "../view/instant_text.ts";
import { labelsOfLines, labelText } from "../view/label_lines.ts";
import { useEvery } from "../view/every.ts";
import { useLoad } from "../view/load.ts";
import { Loading, ProblemNotice } from "../view/notice.tsx";
import { plural } from "../view/text.ts";
import { Time } from "../view/time.tsx";

const kEveryMs = 10_000;

export function Pauses() {
  const loaded = useLoad(
    async (signal) => (await call<{ pauses: GlobalPause[] }>("GET", "/v1/admin/pauses", { signal })).body.pauses,
    "pauses",
  );
  useEvery(kEveryMs, loaded.again);
  const [begins, setBegins] = useState(false);
  const [ends, setEnds] = useState<GlobalPause>();
  const { value: pauses, problem } = loaded;
  return (
    <section>
      <h2>Pauses in force</h2>
      {problem && <ProblemNotice problem={problem} retry={loaded.again} />}
      {!pauses && !problem && <Loading what="the pauses" />}
      <p class="faint" aria-live="polite">
        {pauses && (pauses.length === 0 ? "None: no tasks are held together." : plural(pauses.length, "pause"))}
      </p>
      {pauses && pauses.length > 0 && <PauseTable pauses={pauses} end={setEnds} />}
      <div class="buttons">
        <button type="button" onClick={() => setBegins(true)}>
          Pause tasks …
        </button>
      </div>
      {begins && <BeginPause close={() => setBegins(false)} begun={loaded.again} />}
      {ends && <EndPause pause={ends} close={() => setEnds(undefined)} ended={loaded.again} />}
    </section>
  );
}

function whom(pause: { labels?: Record<string, string> | undefined }): string {
  return labelText(pause.labels) || "every task";
}

function PauseTable({ pauses, end }: { pauses: GlobalPause[]; end: (pause: GlobalPause) => void }) {
  return (
    <div class="wide" tabIndex={0} role="region" aria-label="Pauses in force">
      <table>
        <caption class="hidden">Pauses in force, oldest first</caption>
        <thead>
          <tr>
            <th scope="col">Tasks</th>
            <th scope="col">Reason</th>
            <th scope="col">Since</th>
            <th scope="col">Until</th>
            <th scope="col">End it</th>
          </tr>
        </thead>
        <tbody>
          {pauses.map((pause) => (
            <tr key={pause.id}>
              <th scope="row">{whom(pause)}</th>
              <td class="what">{pause.reason}</td>
              <td><Time at={pause.since} /></td>
              <td>{pause.until ? <Time at={pause.until} /> : "it is ended"}</td>
              <td>
                <button type="button" onClick={() => end(pause)}>
                  End<span class="hidden"> {pause.id}</span>
                </button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function BeginPause({ close, begun }: { close: () => void; begun: () => void }) {
  const [reason, setReason] = useState("");
  const [labels, setLabels] = useState("");
  const [until, setUntil] = useState("");
  const [problem, setProblem] = useState<Problem>();
  const [intent] = useState(() => new Intent());
  const run = async () => {
    const chosen = labelsOfLines(labels);
    const body = JSON.stringify({
      reason,
      ...(chosen ? { labels: chosen } : {}),
      ...(until ? { until: fromField(until) } : {}),
    });
    try {
      await call("POST", "/v1/admin/pause", { body, key: intent.keyFor(body) });
      begun();
    } catch (error) {
      if (error instanceof Problem) setProblem(error);
      throw error;
    }
  };
  const which = whom({ labels: labelsOfLines(labels) });
  return (
    <Confirm title="Pause tasks" action={`Pause ${which}`} danger run={run} close={close} disabled={reason.trim() === ""}>
      <TextField
        label="Reason"
        hint="Needed: it stands beside the pause, for whoever asks why nothing runs"
        value={reason}
        change={setReason}
        required
        error={problem?.at("/reason")}
      />
      <LinesField
        label="Labels"
        hint="One a line (team: billing); a task must have all. None: every task."
        value={labels}
        change={setLabels}
        error={problem?.at("/labels")}
      />
      <TextField
        label="Until"
        type="datetime-local"
        hint={`${fieldZone()}; without it until somebody ends it`}
        value={until}
        change={setUntil}
        error={problem?.at("/until")}
      />
      <p>
        It holds <strong>{which}</strong>: no attempt starts while it is in force. When it ends, each task's misfire
        policy says what of the times slept through still runs.
      </p>
    </Confirm>
  );
}

function EndPause({ pause, close, ended }: { pause: GlobalPause; close: () => void; ended: () => void }) {
  const run = async () => {
    await call("DELETE", `/v1/admin/pauses/${encodeURIComponent(pause.id)}`);
    ended();
  };
  return (
    <Confirm title="End this pause" action="End the pause" run={run} close={close}>
      <p>
        <strong>{whom(pause)}</strong>, paused because: {pause.reason}
      </p>
      <p>They go on at once, unless another pause holds them. What they missed runs by their misfire policy.</p>
    </Confirm>
  );
}
