// Redrives or deletes all dead letters that match: counted first, then done by at most a thousand a
// request, and as often as the user says go on.
import { useEffect, useState } from "preact/hooks";
import { call } from "../api/client.ts";
import { Dialog } from "../view/confirm.tsx";
import { filterText, type DeadFilter } from "./dead_filter.ts";
import { TextField } from "../view/field.tsx";
import { Loading, ProblemNotice } from "../view/notice.tsx";
import { counted, lasting, plural } from "../view/text.ts";

export type BulkAction = "redrive" | "delete";

interface Outcome {
  matched: number;
  changed: number;
  left: number;
}

interface DeadBulkProps {
  action: BulkAction;
  filter: DeadFilter;
  close: () => void;
  changed: () => void;
}

const kAtOnce = 1_000; // of one request
const kMostRate = 1_000;

export function DeadBulk({ action, filter, close, changed }: DeadBulkProps) {
  const [count, setCount] = useState<number>();
  const [rate, setRate] = useState("10");
  const [last, setLast] = useState<Outcome>();
  const [sum, setSum] = useState(0);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Error>();

  const ask = async (more: object) =>
    (await call<Outcome>("POST", "/v1/runs:bulk", { body: { filter, action, ...more } })).body;
  const attempt = async (what: () => Promise<void>) => {
    setBusy(true);
    setProblem(undefined);
    try {
      await what();
    } catch (error) {
      setProblem(error as Error);
    }
    setBusy(false);
  };
  const look = () => attempt(async () => setCount((await ask({ dry_run: true })).matched));
  const act = (event: Event) => {
    event.preventDefault();
    void attempt(async () => {
      const outcome = await ask(action === "redrive" ? { rate: Number(rate) } : {});
      setLast(outcome);
      setCount(outcome.left);
      setSum((before) => before + outcome.changed);
      changed();
    });
  };
  useEffect(() => void look(), []);

  const title = action === "redrive" ? "Redrive all that match" : "Delete all that match";
  const over = count === 0 || (last !== undefined && last.changed === 0);
  return (
    <Dialog title={title} close={close}>
      <form onSubmit={act}>
        <p>
          Dead letters chosen by: <strong>{filterText(filter)}</strong>
        </p>
        <div aria-live="polite">
          {count === undefined && !problem && <Loading what="their number" />}
          {last && <Done action={action} sum={sum} last={last} />}
          {count !== undefined && !over && <WhatWill action={action} count={count} rate={Number(rate)} />}
          {count === 0 && !last && <p>No dead letter matches now.</p>}
        </div>
        {action === "redrive" && count !== undefined && !over && (
          <TextField
            label="Starts a second"
            type="number"
            min={1}
            max={kMostRate}
            required
            value={rate}
            change={setRate}
            hint="So that what failed is not flooded when it is back"
          />
        )}
        {problem && <ProblemNotice problem={problem} retry={count === undefined ? () => void look() : undefined} />}
        <div class="buttons">
          <button type="button" onClick={close}>
            {last ? "Close" : "Cancel"}
          </button>
          {count !== undefined && !over && (
            <button type="submit" class={action === "delete" ? "danger" : "primary"} disabled={busy}>
              {verb(action)} {last ? "the next " : ""}
              {counted(Math.min(count, kAtOnce))}
            </button>
          )}
        </div>
      </form>
    </Dialog>
  );
}

function verb(action: BulkAction): string {
  return action === "redrive" ? "Redrive" : "Delete";
}

function WhatWill({ action, count, rate }: { action: BulkAction; count: number; rate: number }) {
  const now = Math.min(count, kAtOnce);
  return (
    <>
      <p>
        <strong>{plural(count, "dead letter")}</strong> {count === 1 ? "matches" : "match"}
        {count > kAtOnce && `; ${counted(kAtOnce)} are taken at a time, those that died first`}.{" "}
        {action === "redrive"
          ? `They get fresh attempts${rate > 0 ? `, the last of ${counted(now)} starts after about ${lasting((now * 1_000) / rate)}` : ""}.`
          : "They cannot be redriven any more; the run log still says how the runs ended."}
      </p>
      <p class="faint">What dies meanwhile and matches is taken, too.</p>
    </>
  );
}

function Done({ action, sum, last }: { action: BulkAction; sum: number; last: Outcome }) {
  return (
    <p>
      {plural(sum, "dead letter")} {sum === 1 ? "is" : "are"} {action === "redrive" ? "open again" : "deleted"};{" "}
      {counted(last.left)} of those that matched {last.left === 1 ? "is" : "are"} left.
      {last.left > 0 &&
        last.changed === 0 &&
        " The server took none of them: their tasks may be paused or have too many open runs."}
    </p>
  );
}
