// Puts a value in place. Of a secret that is there, the version is named: what somebody else has put
// meanwhile is not written over.
import { useState } from "preact/hooks";
import { call, Problem } from "../api/client.ts";
import { Confirm } from "../view/confirm.tsx";
import { LinesField, SelectField, TextField } from "../view/field.tsx";
import { linesOf } from "../view/label_lines.ts";

export interface Secret {
  name: string;
  version: number;
  hosts: string[];
  created_at: string;
  created_by?: string;
  updated_at: string;
  previous_until?: string;
}

interface SecretFormProps {
  secret: Secret | undefined; // undefined: a new one
  close: () => void;
  done: (text: string) => void;
}

const kKeep: [string, string][] = [
  ["", "not at all"],
  ["PT1H", "an hour"],
  ["PT24H", "a day"],
  ["P7D", "a week"],
];

export function SecretForm({ secret, close, done }: SecretFormProps) {
  const [name, setName] = useState(secret?.name ?? "");
  const [value, setValue] = useState("");
  const [hosts, setHosts] = useState(secret?.hosts.join("\n") ?? "");
  const [keep, setKeep] = useState("");
  const [problem, setProblem] = useState<Problem>();
  const run = async () => {
    const body = { value, hosts: linesOf(hosts), ...(keep ? { keep_previous: keep } : {}) };
    const only = secret ? { ifMatch: `"${secret.version}"` } : { headers: { "If-None-Match": "*" } };
    try {
      await call("PUT", `/v1/secrets/${encodeURIComponent(name.trim())}`, { body, ...only });
      done(`The secret ${name.trim()} is kept; attempts that start now have this value.`);
    } catch (error) {
      if (error instanceof Problem) setProblem(error);
      throw error;
    }
  };
  return (
    <Confirm
      title={secret ? `Replace the secret ${secret.name}` : "Put a secret"}
      action={secret ? "Replace it" : "Keep it"}
      run={run}
      close={close}
      disabled={name.trim() === "" || value === ""}
    >
      {!secret && (
        <TextField label="Name" hint="a-z, 0-9, ., _ and -, at most 63" required value={name} change={setName} />
      )}
      <TextField
        label="Value"
        type="password"
        hint="Sent as it stands here; it is not shown again"
        required
        value={value}
        change={setValue}
        error={problem?.at("/value")}
      />
      <LinesField
        label="Hosts"
        hint="It is sent to exactly these, one a line; to any host if there is none"
        value={hosts}
        change={setHosts}
        error={problem?.at("/hosts") ?? problem?.at("/hosts/0")}
      />
      {secret && (
        <SelectField
          label="The value before goes on signing for"
          value={keep}
          choices={kKeep}
          change={setKeep}
          error={problem?.at("/keep_previous")}
        />
      )}
      {problem?.status === 412 && (
        <p>
          {secret
            ? "It was changed since this page was loaded: close this and look again."
            : "There is one of this name already: replace that one instead."}
        </p>
      )}
    </Confirm>
  );
}
