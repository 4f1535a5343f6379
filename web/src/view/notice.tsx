// What is wrong, what is empty, what is on its way.
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { Problem } from "../api/client.ts";

const kGone = 404; // asking again does not help

export function ProblemNotice({ problem, retry }: { problem: Error; retry?: (() => void) | undefined }) {
  const known = problem instanceof Problem ? problem : undefined;
  // One that is all there is to say is said once.
  const errors = known?.errors.filter((error) => error.detail !== known.detail) ?? [];
  return (
    <div class="notice bad" role="alert">
      <p>
        <strong>{known?.detail ?? problem.message}</strong>
      </p>
      {errors.length > 0 && (
        <ul>
          {errors.map((error) => (
            <li key={error.pointer}>
              <code>{error.pointer}</code> {error.detail}
            </li>
          ))}
        </ul>
      )}
      <p class="faint">
        {known && known.status > 0 && (
          <>
            {known.status} <code>{known.code}</code>
          </>
        )}
        {known?.requestId && (
          <>
            {" "}
            · request <code>{known.requestId}</code>
          </>
        )}
        {retry && known?.status !== kGone && (
          <>
            {" "}
            <button type="button" class="plain" onClick={retry}>
              Try again
            </button>
          </>
        )}
      </p>
    </div>
  );
}

export function Loading({ what }: { what: string }) {
  return (
    <p class="faint" role="status">
      Loading {what} …
    </p>
  );
}

export function Empty({ children, command }: { children: ComponentChildren; command?: string }) {
  return (
    <div class="empty">
      <p>{children}</p>
      {command && <Copyable text={command} />}
    </div>
  );
}

const kToldMs = 1_500;

// Text to take along.
export function Copyable({ text, label = "Copy" }: { text: string; label?: string }) {
  const [told, setTold] = useState("");
  const tell = (what: string) => {
    setTold(what);
    setTimeout(() => setTold(""), kToldMs);
  };
  const copy = () =>
    void navigator.clipboard.writeText(text).then(
      () => tell("Copied"),
      () => tell("Not allowed here"), // by the user, or by the browser's policy
    );
  return (
    <div class="copyable">
      <pre tabIndex={0}>{text}</pre>
      {navigator.clipboard && (
        <button type="button" onClick={copy}>
          {told || label}
        </button>
      )}
    </div>
  );
}
