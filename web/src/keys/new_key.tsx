// The one time at which a key's text is shown. With the first key of a server every request needs
// one: this page goes on with it once the user has taken it along, and asks for nothing before.
import { useState } from "preact/hooks";
import { loadSession, session, signIn } from "../state/session.ts";
import { Dialog } from "../view/confirm.tsx";
import { useHold } from "../view/hold.ts";
import type { KeyRow } from "./key_facts.ts";
import { Copyable } from "../view/notice.tsx";

export function NewKey({ made, close }: { made: KeyRow; close: () => void }) {
  const [kept, setKept] = useState(false);
  const isFirst = session.value?.keys_required === false;
  const leave = async () => {
    if (isFirst && made.key) await signIn(made.key).catch(() => loadSession());
    close();
  };
  useHold(
    () => !kept,
    () => undefined,
  );
  return (
    <Dialog title={`The key ${made.name}`} hold={!kept} close={() => void leave()}>
      <div class="notice warn" role="alert">
        <p>
          <strong>This is shown once and never again.</strong> Only a digest of it is kept. Put it where your secrets
          are now; whoever has it may do what it may.
        </p>
      </div>
      {made.key && <Copyable text={made.key} label="Copy the key" />}
      {isFirst && <p>From now on this server asks for keys. When you close this, this page is signed in with it.</p>}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void leave();
        }}
      >
        <fieldset class="choices">
          <legend class="hidden">Before it is gone</legend>
          <label>
            <input type="checkbox" checked={kept} onChange={(event) => setKept(event.currentTarget.checked)} />I have it
            in a safe place
          </label>
        </fieldset>
        <div class="buttons">
          <button type="submit" class="primary" disabled={!kept}>
            Done
          </button>
        </div>
      </form>
    </Dialog>
  );
}
