// Makes a key. The request carries no Idempotency-Key, which the server refuses here: a repeat could
// not tell the key again.
import { useState } from "preact/hooks";
import { call, Problem } from "../api/client.ts";
import type { Scope } from "../api/types.ts";
import { may, session } from "../state/session.ts";
import { Confirm } from "../view/confirm.tsx";
import { LinesField, SelectField, TextField } from "../view/field.tsx";
import { fieldZone, fromField } from "../view/instant_text.ts";
import { kRateSpans, kScopes, type KeyRow } from "./key_facts.ts";
import { labelsOfLines, linesOf } from "../view/label_lines.ts";

interface KeyWish {
  name: string;
  scopes: Scope[];
  expires: string;
  networks: string;
  selection: string;
  operations: string;
  per: string;
  maxTasks: string;
}

const kNothing: Omit<KeyWish, "scopes"> = {
  name: "",
  expires: "",
  networks: "",
  selection: "",
  operations: "",
  per: "PT1S",
  maxTasks: "",
};

const kFewScopes: Scope[] = ["tasks:read", "runs:read"];
const kAllScopes = kScopes.map(([scope]) => scope);

function bodyOf(wish: KeyWish): object {
  const networks = linesOf(wish.networks);
  const selection = labelsOfLines(wish.selection);
  return {
    name: wish.name.trim(),
    scopes: wish.scopes,
    ...(networks.length > 0 ? { networks } : {}),
    ...(selection ? { selection } : {}),
    ...(wish.expires ? { expires_at: fromField(wish.expires) } : {}),
    ...(wish.operations ? { rate_limit: { operations: Number(wish.operations), per: wish.per } } : {}),
    ...(wish.maxTasks ? { quotas: { max_tasks: Number(wish.maxTasks) } } : {}),
  };
}

export function KeyForm({ close, made }: { close: () => void; made: (key: KeyRow) => void }) {
  const isFirst = session.value?.keys_required === false;
  const [wish, setWish] = useState<KeyWish>(() => ({ ...kNothing, scopes: isFirst ? kAllScopes.filter(may) : kFewScopes }));
  const [meant, setMeant] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const set = (change: Partial<KeyWish>) => setWish((before) => ({ ...before, ...change }));
  const run = async () => {
    try {
      made((await call<KeyRow>("POST", "/v1/keys", { body: bodyOf(wish) })).body);
    } catch (error) {
      if (error instanceof Problem) setProblem(error);
      throw error;
    }
  };
  const locksOut = isFirst && !wish.scopes.includes("keys:admin");
  const ready = wish.name.trim() !== "" && wish.scopes.length > 0 && (!locksOut || meant);
  return (
    <Confirm title="New key" action="Make the key" run={run} close={close} disabled={!ready}>
      {isFirst && <FirstKeyNotice />}
      <TextField
        label="Name"
        hint="Who or what it is for"
        required
        value={wish.name}
        change={(name) => set({ name })}
        error={problem?.at("/name")}
      />
      <ScopeChoice chosen={wish.scopes} choose={(scopes) => set({ scopes })} />
      {locksOut && (
        <fieldset class="choices">
          <legend>
            Without <code>keys:admin</code>
          </legend>
          <label>
            <input type="checkbox" checked={meant} onChange={(event) => setMeant(event.currentTarget.checked)} />I mean
            it: nobody can make or revoke a key here afterwards
          </label>
        </fieldset>
      )}
      <Bounds wish={wish} set={set} problem={problem} />
      {problem?.status === 0 && (
        <p>
          Whether the key was made is not known. If the list shows one of this name, revoke it: its text was lost on
          the way.
        </p>
      )}
    </Confirm>
  );
}

function FirstKeyNotice() {
  return (
    <div class="notice warn">
      <p>
        So far this server asks nobody for a key. With its first one every request needs a key, also those of this page
        and of programs that use the server now. Give the first one <code>keys:admin</code>, or nobody can make another
        here.
      </p>
    </div>
  );
}

function ScopeChoice({ chosen, choose }: { chosen: Scope[]; choose: (scopes: Scope[]) => void }) {
  return (
    <fieldset class="choices">
      <legend>It may</legend>
      {kScopes
        .filter(([scope]) => may(scope))
        .map(([scope, what]) => (
          <label key={scope}>
            <input
              type="checkbox"
              checked={chosen.includes(scope)}
              onChange={(event) =>
                choose(event.currentTarget.checked ? [...chosen, scope] : chosen.filter((one) => one !== scope))
              }
            />
            <span>
              <code>{scope}</code> <span class="faint">{what}</span>
            </span>
          </label>
        ))}
    </fieldset>
  );
}

interface BoundsProps {
  wish: KeyWish;
  set: (change: Partial<KeyWish>) => void;
  problem: Problem | undefined;
}

// What bounds the key beside its scopes; each may be left empty.
function Bounds({ wish, set, problem }: BoundsProps) {
  return (
    <details open={problem !== undefined && problem.errors.length > 0}>
      <summary>Bounds: time, place, tasks, pace</summary>
      <TextField
        label="Expires"
        type="datetime-local"
        hint={`${fieldZone()}; never without it`}
        value={wish.expires}
        change={(expires) => set({ expires })}
        error={problem?.at("/expires_at")}
      />
      <LinesField
        label="Networks"
        hint="Addresses it may come from, one a line (10.0.0.0/8); from anywhere without any"
        value={wish.networks}
        change={(networks) => set({ networks })}
        error={problem?.at("/networks") ?? problem?.at("/networks/0")}
      />
      <LinesField
        label="Only tasks with these labels"
        hint="One a line (team: billing), all must be there; such a key sees nothing of the server as a whole"
        value={wish.selection}
        change={(selection) => set({ selection })}
        error={problem?.at("/selection")}
      />
      <div class="fields">
        <TextField
          label="Operations"
          type="number"
          min={1}
          max={1_000_000}
          hint="At most so many; no bound without it"
          value={wish.operations}
          change={(operations) => set({ operations })}
          error={problem?.at("/rate_limit/operations") ?? problem?.at("/rate_limit")}
        />
        <SelectField label="in" value={wish.per} choices={kRateSpans} change={(per) => set({ per })} />
        <TextField
          label="Tasks at a time"
          type="number"
          min={1}
          max={1_000_000_000}
          hint="Of those it made; no bound without it"
          value={wish.maxTasks}
          change={(maxTasks) => set({ maxTasks })}
          error={problem?.at("/quotas/max_tasks") ?? problem?.at("/quotas")}
        />
      </div>
    </details>
  );
}
