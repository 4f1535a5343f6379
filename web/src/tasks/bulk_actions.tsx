// Actions on many tasks: on those that are chosen, or on all that match the list's filter. The
// server first says how many those are.
import { useEffect, useState } from "preact/hooks";
import { call, newKey } from "../api/client.ts";
import type { Task } from "../api/types.ts";
import { place } from "../place.ts";
import { may } from "../state/session.ts";
import { Confirm } from "../view/confirm.tsx";
import { ProblemNotice } from "../view/notice.tsx";
import type { Paged } from "../view/paged.ts";
import { plural } from "../view/text.ts";
import { filterOf } from "./filter.ts";

type Action = "pause" | "resume" | "run" | "delete";
const kActions: [action: Action, title: string, past: string, scope: "tasks:write" | "tasks:trigger"][] = [
  ["pause", "Pause", "paused", "tasks:write"],
  ["resume", "Resume", "resumed", "tasks:write"],
  ["run", "Run now", "asked to run", "tasks:trigger"],
  ["delete", "Delete", "deleted", "tasks:write"],
];

interface Done {
  matched: number;
  changed: number;
  failed: number;
  problems?: { id?: string; problem?: { detail: string } }[];
  done: boolean;
  next_page_token?: string;
}

interface BulkProps {
  list: Paged<Task>;
  chosen: ReadonlySet<string>;
  setChosen: (change: () => ReadonlySet<string>) => void;
}

export function BulkActions({ list, chosen, setChosen }: BulkProps) {
  const [asked, setAsked] = useState<Action>();
  const [all, setAll] = useState(false);
  const [told, setTold] = useState("");
  const filter = filterOf(place.value.query);
  useEffect(() => {
    setChosen(() => new Set());
    setAll(false);
  }, [JSON.stringify(filter)]);
  if (list.rows.length === 0) return null;
  const some = all || chosen.size > 0;
  const end = (message: string) => {
    setTold(message);
    setChosen(() => new Set());
    setAll(false);
    list.again();
  };
  return (
    <div class="toolbar bulk">
      <span aria-live="polite">{told || (some ? (all ? "All that match" : `${plural(chosen.size, "task")} chosen`) : "")}</span>
      {(!list.ended || list.rows.length > 1) && (
        <button type="button" class="plain" aria-pressed={all} onClick={() => setAll(!all)}>
          {all ? "Only those chosen" : "Choose all that match"}
        </button>
      )}
      {some &&
        kActions
          .filter(([, , , scope]) => may(scope))
          .map(([action, title]) => (
            <button
              type="button"
              key={action}
              class={action === "delete" ? "danger" : ""}
              onClick={() => {
                setTold("");
                setAsked(action);
              }}
            >
              {title} …
            </button>
          ))}
      {asked && (
        <BulkConfirm
          action={asked}
          filter={all ? filter : undefined}
          ids={[...chosen]}
          close={() => setAsked(undefined)}
          end={end}
        />
      )}
    </div>
  );
}

interface BulkConfirmProps {
  action: Action;
  filter: Record<string, unknown> | undefined; // none: those of `ids`
  ids: string[];
  close: () => void;
  end: (message: string) => void;
}

function BulkConfirm({ action, filter, ids, close, end }: BulkConfirmProps) {
  const [matched, setMatched] = useState<number | undefined>(filter ? undefined : ids.length);
  const [problem, setProblem] = useState<Error>();
  const [reason, setReason] = useState("");
  const [key] = useState(newKey);
  const [, title, past] = kActions.find(([name]) => name === action) ?? kActions[0]!;
  useEffect(() => {
    if (!filter) return undefined;
    const stop = new AbortController();
    void bulk({ filter, action, dry_run: true }, "", stop.signal).then(
      (done) => setMatched(done.matched),
      (error: Error) => stop.signal.aborted || setProblem(error),
    );
    return () => stop.abort();
  }, []);
  const run = async () => {
    const pause = action === "pause" && reason ? { reason } : {};
    const done = filter
      ? await bulk({ filter, action, ...pause }, key)
      : await each(ids.map((id) => ({ op: action, id, ...pause })), key);
    const first = done.problems?.[0];
    const failed = done.failed > 0 ? `, ${done.failed} refused${first?.problem ? ` (${first.id ?? ""}: ${first.problem.detail})` : ""}` : "";
    end(`${plural(done.changed, "task")} ${past}${failed}`);
  };
  const count = matched === undefined ? "…" : plural(matched, "task");
  return (
    <Confirm
      title={`${title}: ${count}`}
      action={`${title} ${count}`}
      danger={action === "delete"}
      run={run}
      close={close}
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
        <label>
          Reason (optional)
          <input value={reason} maxLength={1024} onInput={(event) => setReason(event.currentTarget.value)} />
        </label>
      )}
    </Confirm>
  );
}

// Goes on where a request ended for want of time.
async function bulk(body: Record<string, unknown>, key: string, signal?: AbortSignal): Promise<Done> {
  const sum: Done = { matched: 0, changed: 0, failed: 0, problems: [], done: false };
  for (let token: string | undefined; !sum.done; ) {
    const asked = { body: token ? { ...body, page_token: token } : body, ...(signal ? { signal } : {}) };
    const part = (await call<Done>("POST", "/v1/tasks:bulk", key ? { ...asked, key: key + (token ?? "") } : asked)).body;
    sum.matched += part.matched;
    sum.changed += part.changed;
    sum.failed += part.failed;
    sum.problems?.push(...(part.problems ?? []));
    sum.done = part.done;
    token = part.next_page_token;
  }
  return sum;
}

const kMostOperations = 1_000;

async function each(operations: object[], key: string): Promise<Done> {
  const sum: Done = { matched: operations.length, changed: 0, failed: 0, problems: [], done: true };
  for (let at = 0; at < operations.length; at += kMostOperations) {
    const part = await call<{ results: { status: number; id?: string; problem?: { detail: string } }[] }>(
      "POST",
      "/v1/tasks:batch",
      { body: { operations: operations.slice(at, at + kMostOperations) }, key: `${key}-${at}` },
    );
    for (const result of part.body.results) {
      if (result.problem) {
        ++sum.failed;
        sum.problems?.push(result);
      } else {
        ++sum.changed;
      }
    }
  }
  return sum;
}
