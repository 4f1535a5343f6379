// What targets ask for: put, replaced and deleted here, and read back by nobody.
import { useState } from "preact/hooks";
import { call } from "../api/client.ts";
import { Confirm } from "../view/confirm.tsx";
import { useLoad } from "../view/load.ts";
import { Empty, Loading, ProblemNotice } from "../view/notice.tsx";
import { SecretForm, type Secret } from "./secret_form.tsx";
import { Time } from "../view/time.tsx";

type Wish = { kind: "new" } | { kind: "replace" | "delete"; secret: Secret };

export function Secrets() {
  const loaded = useLoad(
    async (signal) => (await call<{ secrets: Secret[] }>("GET", "/v1/secrets", { signal })).body.secrets,
    "secrets",
  );
  const [wish, setWish] = useState<Wish>();
  const [told, setTold] = useState("");
  const close = () => setWish(undefined);
  const done = (text: string) => {
    setTold(text);
    loaded.again();
  };
  const { value: secrets, problem } = loaded;
  return (
    <section>
      <h2>Secrets</h2>
      <p>
        What targets ask for. A value is encrypted when it is put here, named by tasks, and in no answer of the server.
      </p>
      <div class="toolbar">
        <button type="button" onClick={() => setWish({ kind: "new" })}>
          Put a secret …
        </button>
      </div>
      <p aria-live="polite">{told}</p>
      {problem && <ProblemNotice problem={problem} retry={loaded.again} />}
      {!secrets && !problem && <Loading what="secrets" />}
      {secrets?.length === 0 && <Empty command="hourwheel secret set crm-token --host crm.example.com">No secret is kept.</Empty>}
      {secrets && secrets.length > 0 && <SecretTable secrets={secrets} choose={setWish} />}
      {wish && wish.kind !== "delete" && (
        <SecretForm secret={wish.kind === "replace" ? wish.secret : undefined} close={close} done={done} />
      )}
      {wish?.kind === "delete" && <DeleteSecret secret={wish.secret} close={close} done={done} />}
    </section>
  );
}

function SecretTable({ secrets, choose }: { secrets: Secret[]; choose: (wish: Wish) => void }) {
  return (
    <div class="wide" tabIndex={0} role="region" aria-label="Secrets">
      <table>
        <caption class="hidden">Secrets, without their values</caption>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Sent to</th>
            <th scope="col" class="number">Version</th>
            <th scope="col">Changed</th>
            <th scope="col">The one before signs until</th>
            <th scope="col">Change</th>
          </tr>
        </thead>
        <tbody>
          {secrets.map((secret) => (
            <tr key={secret.name}>
              <th scope="row" class="name">{secret.name}</th>
              <td class="what">
                {secret.hosts.length > 0 ? secret.hosts.join(", ") : <span class="badge warn">⚠ any host</span>}
              </td>
              <td class="number">{secret.version}</td>
              <td><Time at={secret.updated_at} /></td>
              <td><Time at={secret.previous_until} /></td>
              <td>
                <button type="button" onClick={() => choose({ kind: "replace", secret })}>
                  Replace<span class="hidden"> {secret.name}</span>
                </button>{" "}
                <button type="button" class="danger" onClick={() => choose({ kind: "delete", secret })}>
                  Delete<span class="hidden"> {secret.name}</span>
                </button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface DeleteProps {
  secret: Secret;
  close: () => void;
  done: (text: string) => void;
}

function DeleteSecret({ secret, close, done }: DeleteProps) {
  const run = async () => {
    await call("DELETE", `/v1/secrets/${encodeURIComponent(secret.name)}`, { ifMatch: `"${secret.version}"` });
    done(`The secret ${secret.name} is deleted.`);
  };
  return (
    <Confirm title={`Delete the secret ${secret.name}`} action="Delete it" danger run={run} close={close}>
      <p>
        Its value cannot be had back. Tasks that name it are not looked for: their attempts will end as{" "}
        <code>secret_missing</code>.
      </p>
    </Confirm>
  );
}
