// The task was changed while it was edited here: what the others changed, beside what stands here,
// and whose it shall be.
import { useEffect, useRef, useState } from "preact/hooks";
import { call, Problem } from "../api/client.ts";
import type { Task } from "../api/types.ts";
import { useLoad } from "../view/load.ts";
import { Loading, ProblemNotice } from "../view/notice.tsx";
import { Time } from "../view/time.tsx";
import { definitionOf } from "./definition.ts";
import { type Difference, differences } from "./differences.ts";

export interface Stored {
  text: string; // the definition
  etag: string;
}

interface ConflictProps {
  id: string;
  before: string;
  mine: string;
  reload: (theirs: Stored) => void;
  overwrite: (etag: string | undefined) => Promise<void>; // undefined: it is gone, make it again
  back: () => void;
}

export function Conflict({ id, before, mine, reload, overwrite, back }: ConflictProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  const [busy, setBusy] = useState(false);
  useEffect(() => heading.current?.focus(), []);
  const loaded = useLoad(async (signal) => {
    const answer = await call<Task>("GET", `/v1/tasks/${encodeURIComponent(id)}`, { signal });
    return { text: definitionOf(answer.text), etag: answer.etag, at: answer.body.updated_at };
  }, id);
  const gone = loaded.problem instanceof Problem && loaded.problem.status === 404;
  const theirs = loaded.value;
  const write = async (etag: string | undefined) => {
    setBusy(true);
    await overwrite(etag);
    setBusy(false);
  };
  return (
    <section class="notice warn" aria-labelledby="conflict">
      <h2 id="conflict" ref={heading} tabIndex={-1}>
        {gone ? "This task has been deleted meanwhile" : "This task has been changed meanwhile"}
      </h2>
      {loaded.problem && !gone && <ProblemNotice problem={loaded.problem} retry={loaded.again} />}
      {loaded.loading && <Loading what="what it is now" />}
      {theirs && (
        <>
          <p>
            Its last change was <Time at={theirs.at} />. Nothing of yours is lost until you choose.
          </p>
          <Changes list={differences(before, theirs.text, mine)} />
        </>
      )}
      <div class="buttons">
        <button type="button" onClick={back}>
          Back to the form
        </button>
        {theirs && (
          <>
            <button type="button" onClick={() => reload(theirs)}>
              Reload theirs (drops yours)
            </button>
            <button type="button" class="danger" disabled={busy} onClick={() => void write(theirs.etag)}>
              Overwrite with mine
            </button>
          </>
        )}
        {gone && (
          <button type="button" class="primary" disabled={busy} onClick={() => void write(undefined)}>
            Make it again from mine
          </button>
        )}
      </div>
    </section>
  );
}

function Changes({ list }: { list: Difference[] }) {
  if (list.length === 0) return <p>Its definition is as you loaded it; only its state has changed.</p>;
  return (
    <div class="wide" tabIndex={0} role="region" aria-label="What was changed">
      <table>
        <caption>What was changed meanwhile</caption>
        <thead>
          <tr>
            <th scope="col">Member</th>
            <th scope="col">When you began</th>
            <th scope="col">Theirs</th>
            <th scope="col">Yours</th>
          </tr>
        </thead>
        <tbody>
          {list.map(({ pointer, before, theirs, mine }) => (
            <tr key={pointer}>
              <th scope="row">
                <code>{pointer}</code>
              </th>
              <td>
                <Value text={before} />
              </td>
              <td>
                <Value text={theirs} />
              </td>
              <td>
                <Value text={mine} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Value({ text }: { text: string | undefined }) {
  return text === undefined ? <span class="faint">not there</span> : <pre>{text}</pre>;
}
