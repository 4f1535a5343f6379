// Who may do what: the API keys, and beside them the secrets of targets.
import { useState } from "preact/hooks";
import { call } from "../api/client.ts";
import { loadSession, may, session } from "../state/session.ts";
import { Confirm } from "../view/confirm.tsx";
import { KeyForm } from "../keys/key_form.tsx";
import type { KeyRow } from "../keys/key_facts.ts";
import { KeyTable } from "../keys/key_table.tsx";
import { useLoad } from "../view/load.ts";
import { NewKey } from "../keys/new_key.tsx";
import { Empty, Loading, ProblemNotice } from "../view/notice.tsx";
import { isNarrowed } from "../view/reach.ts";
import { Secrets } from "../keys/secrets.tsx";

export function Keys() {
  if (isNarrowed()) {
    return (
      <>
        <h1>Keys</h1>
        <div class="notice warn">
          <p>Your key is for some of the tasks, and such keys see and make no others.</p>
        </div>
      </>
    );
  }
  return (
    <>
      <h1>Keys</h1>
      {may("keys:admin") && <ApiKeys />}
      {may("secrets:write") && <Secrets />}
    </>
  );
}

function ApiKeys() {
  const loaded = useLoad(
    async (signal) => (await call<{ keys: KeyRow[] }>("GET", "/v1/keys", { signal })).body.keys,
    "keys",
  );
  const [form, setForm] = useState(false);
  const [made, setMade] = useState<KeyRow>();
  const [revoked, setRevoked] = useState<KeyRow>();
  const { value: keys, problem } = loaded;
  const taken = () => {
    setMade(undefined);
    loaded.again();
  };
  return (
    <section>
      <h2>API keys</h2>
      <div class="toolbar">
        <button type="button" class="primary" onClick={() => setForm(true)}>
          New key …
        </button>
      </div>
      {problem && <ProblemNotice problem={problem} retry={loaded.again} />}
      {!keys && !problem && <Loading what="keys" />}
      {keys?.length === 0 && (
        <Empty command="hourwheel key create --name ci --role editor">
          There is no key: this server takes requests without one.
        </Empty>
      )}
      {keys && keys.length > 0 && <KeyTable keys={keys} revoke={setRevoked} />}
      {form && <KeyForm close={() => setForm(false)} made={setMade} />}
      {made && <NewKey made={made} close={taken} />}
      {revoked && (
        <Revoke row={revoked} isLast={keys?.length === 1} close={() => setRevoked(undefined)} done={loaded.again} />
      )}
    </section>
  );
}

interface RevokeProps {
  row: KeyRow;
  isLast: boolean;
  close: () => void;
  done: () => void;
}

function Revoke({ row, isLast, close, done }: RevokeProps) {
  const isOwn = row.id === session.value?.key?.id;
  const run = async () => {
    await call("DELETE", `/v1/keys/${encodeURIComponent(row.id)}`);
    if (isOwn) await loadSession();
    if (session.value) done();
  };
  return (
    <Confirm title={`Revoke the key ${row.name}`} action="Revoke it" danger run={run} close={close}>
      <p>
        <code>{row.id}</code> opens nothing from then on, and sessions made from it end. It cannot be had back; the tasks
        that it made stay.
      </p>
      {isOwn && (
        <p>
          <strong>This page is signed in with it: you will be signed out.</strong>
        </p>
      )}
      {isLast && (
        <p>
          <strong>It is the last key.</strong> A server on loopback is then open to everybody on its machine; another
          one refuses every request.
        </p>
      )}
    </Confirm>
  );
}
