// Actions on many tasks: on those that are chosen, or on all that match the list's filter. The
// server first says how many those are.
import { useEffect, useRef, useState } from "preact/hooks";
import type { Scope, Task } from "../api/types.ts";
import { place } from "../place.ts";
import { may } from "../state/session.ts";
import { Confirm } from "../view/confirm.tsx";
import { fieldZone, fromField } from "../view/instant_text.ts";
import { ProblemNotice } from "../view/notice.tsx";
import type { Paged } from "../view/paged.ts";
import { plural } from "../view/text.ts";
import { countMatching, FilterBulk, NamedBulk, type Action, type Bulk } from "./bulk.ts";
import { filterOf, type TaskQuery } from "./filter.ts";

const kActions: [action: Action, title: string, past: string, scopes: Scope[]][] = [
  ["pause", "Pause", "paused", ["tasks:write"]],
  ["resume", "Resume", "resumed", ["tasks:write"]],
  ["run", "Run now", "asked to run", ["tasks:write", "tasks:trigger"]],
  ["delete", "Delete", "deleted", ["tasks:write"]],
];

// What was meant when the dialog opened, whatever the list shows since.
interface Asked {
  action: Action;
  filter: TaskQuery | undefined; // none: those of `ids`
  ids: string[];
}

interface BulkProps {
  list: Paged<Task>;
  chosen: ReadonlySet<string>;
  setChosen: (change: () => ReadonlySet<string>) => void;
}

export function BulkActions({ list, chosen, setChosen }: BulkProps) {
  const [asked, setAsked] = useState<Asked>();
  const [all, setAll] = useState(false);
  const [told, setTold] = useState("");
  const bar = useRef<HTMLDivElement>(null);
  const filter = filterOf(place.value.query);
  useEffect(() => {
    setChosen(() => new Set());
    setAll(false);
    setTold("");
  }, [JSON.stringify(filter)]);
  const some = all || chosen.size > 0;
  // What is chosen anew is told instead of what was done before.
  useEffect(() => {
    if (some) setTold("");
  }, [chosen, all]);
  if (list.rows.length === 0 && !told && !asked) return null;
  const ask = (action: Action) => setAsked({ action, filter: all ? filter : undefined, ids: [...chosen] });
  const close = () => setAsked(undefined);
  const end = (message: string) => {
    close();
    setChosen(() => new Set());
    setAll(false);
    setTold(message);
    list.again();
    setTimeout(() => bar.current?.focus()); // the button that was pressed is gone
  };
  return (
    <div ref={bar} class="toolbar bulk" tabIndex={-1} role="group" aria-label="What is chosen">
      <span aria-live="polite">{some ? (all ? "All that match, also those that are not loaded" : `${plural(chosen.size, "task")} chosen`) : told}</span>
      {list.rows.length > 0 && (!list.ended || list.rows.length > 1) && (
        <button type="button" class="plain" aria-pressed={all} onClick={() => setAll(!all)}>
          Choose all that match
        </button>
      )}
      {some &&
        kActions
          .filter(([, , , scopes]) => scopes.every(may))
          .map(([action, title]) => (
            <button type="button" key={action} class={action === "delete" ? "danger" : ""} onClick={() => ask(action)}>
              {title} …
            </button>
          ))}
      {asked && <BulkConfirm {...asked} close={close} end={end} />}
    </div>
  );
}

function BulkConfirm({ action, filter, ids, close, end }: Asked & { close: () => void; end: (message: string) => void }) {
  const [matched, setMatched] = useState<number | undefined>(filter ? undefined : ids.length);
  const [problem, setProblem] = useState<Error>();
  const [reason, setReason] = useState("");
  const [until, setUntil] = useState("");
  const [begun, setBegun] = useState(false);
  const bulk = useRef<Bulk | undefined>(undefined);
  const stop = useRef(new AbortController());
  const [, title] = kActions.find(([name]) => name === action) ?? kActions[0]!;
  useEffect(() => {
    const { signal } = stop.current;
    if (filter) {
      countMatching({ filter, action }, signal).then(setMatched, (error: Error) => signal.aborted || setProblem(error));
    }
    return () => stop.current.abort();
  }, []);
  const run = async () => {
    const pause = {
      ...(action === "pause" && reason ? { reason } : {}),
      ...(action === "pause" && until ? { until: fromField(until) } : {}),
    };
    bulk.current ??= filter
      ? new FilterBulk({ filter, action, ...pause })
      : new NamedBulk(ids.map((id) => ({ op: action, id, ...pause })));
    setBegun(true);
    await bulk.current.run(stop.current.signal);
  };
  // Also of what broke off it is told what was done.
  const leave = () => (bulk.current ? end(outcome(action, bulk.current)) : close());
  const count = matched === undefined ? "…" : plural(matched, "task");
  return (
    <Confirm
      title={`${title}: ${count}`}
      action={begun ? "Go on" : `${title} ${count}`}
      danger={action === "delete"}
      run={run}
      close={leave}
      disabled={matched === undefined || matched === 0}
    >
      {problem && <ProblemNotice problem={problem} />}
      <p>
        {filter
          ? `This is about all tasks that match the filter, also those that are not loaded: ${count}.`
          : `This is about the ${count} chosen.`}
        {action === "delete" && " Their definitions and the lists of their runs go; it cannot be taken back."}
      </p>
      {action === "pause" && (
        <>
          <p>
            Nothing of them starts while they are paused. On resume the misfire policy of each says what of the missed
            instants runs.
          </p>
          <label>
            Reason (optional)
            <input
              value={reason}
              maxLength={1024}
              readOnly={begun}
              onInput={(event) => setReason(event.currentTarget.value)}
            />
          </label>
          <label>
            Until (optional, {fieldZone()})
            <input
              type="datetime-local"
              value={until}
              readOnly={begun}
              onInput={(event) => setUntil(event.currentTarget.value)}
            />
          </label>
        </>
      )}
    </Confirm>
  );
}

function outcome(action: Action, { changed, failed, first }: Bulk): string {
  const past = kActions.find(([name]) => name === action)?.[2];
  const why = first?.problem ? ` (${first.id ?? ""}: ${first.problem.detail})` : "";
  return `${plural(changed, "task")} ${past}${failed > 0 ? `, ${failed} refused${why}` : ""}`;
}
