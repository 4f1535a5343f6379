// Whether the audit log is as it was written: the verdict of each file's chain, in plain words.
import { useState } from "preact/hooks";
import { call } from "../api/client.ts";
import { shortDigest, type AuditVerdict } from "./audit_entry.ts";
import { Loading, ProblemNotice } from "../view/notice.tsx";
import { counted, plural } from "../view/text.ts";

export function AuditVerify() {
  const [verdict, setVerdict] = useState<AuditVerdict>();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Error>();
  const verify = async () => {
    setBusy(true);
    setProblem(undefined);
    try {
      setVerdict((await call<AuditVerdict>("GET", "/v1/audit:verify")).body);
    } catch (error) {
      setProblem(error as Error);
    }
    setBusy(false);
  };
  return (
    <section>
      <h2>Is it as it was written?</h2>
      <p>Each row says the digest of the one before. What was altered or taken out breaks that chain.</p>
      <div class="buttons">
        <button type="button" disabled={busy} onClick={() => void verify()}>
          {busy ? "Verifying …" : "Verify the log"}
        </button>
      </div>
      <div aria-live="polite">
        {busy && <Loading what="the verdict, which may take 20 s," />}
        {problem && <ProblemNotice problem={problem} />}
        {verdict && !busy && <Verdict verdict={verdict} />}
      </div>
    </section>
  );
}

function Verdict({ verdict: { intact, chains } }: { verdict: AuditVerdict }) {
  const [tone, sign, text] =
    intact === true
      ? ["good", "✓", "Intact: every chain holds from its first row to its last."]
      : intact === false
        ? ["bad", "✕", "Broken: at least one file is not as it was written."]
        : ["warn", "?", "Nothing is broken as far as was looked, but not all chains were looked at to their end."];
  return (
    <>
      <div class={`notice ${tone}`}>
        <p>
          <strong>
            <span aria-hidden="true">{sign}</span> {text}
          </strong>
        </p>
      </div>
      <div class="wide" tabIndex={0} role="region" aria-label="Verdict of each chain">
        <table>
          <caption class="hidden">Verdict of each chain</caption>
          <thead>
            <tr>
              <th scope="col">File</th>
              <th scope="col">Verdict</th>
              <th scope="col" class="number">Rows</th>
              <th scope="col" class="number">Entries</th>
              <th scope="col">From row to row</th>
              <th scope="col">Head</th>
            </tr>
          </thead>
          <tbody>
            {chains.map((chain) => (
              <tr key={chain.source}>
                <th scope="row">{chain.source}</th>
                <td class="what">{chainText(chain)}</td>
                <td class="number">{counted(chain.rows)}</td>
                <td class="number">{counted(chain.entries)}</td>
                <td>
                  {chain.first_row}–{chain.last_row}
                </td>
                <td>
                  <code title={chain.head}>{shortDigest(chain.head)}</code>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="faint">
        Whoever can write to the files could write a whole chain anew. Note the heads and first rows elsewhere (
        <code>hourwheel audit verify</code>) and compare.
      </p>
    </>
  );
}

function chainText(chain: AuditVerdict["chains"][number]): string {
  if (chain.broken !== null) return `✕ Broken: ${chain.broken}`;
  if (chain.rows === 0) return "✓ Nothing was written to it yet, or all of it is old and gone";
  const aged = chain.first_row > 1 ? `; rows before ${chain.first_row} were deleted for their age` : "";
  if (!chain.complete) return `? Holds as far as it was looked at, up to row ${chain.last_row}${aged}`;
  return `✓ Holds over ${plural(chain.rows, "row")}${aged}`;
}
