// Asks for a key: as a page of its own, and above what was being done when a session has ended.
import { useEffect, useRef, useState } from "preact/hooks";
import { signIn } from "../state/session.ts";
import { ProblemNotice } from "../view/notice.tsx";

export function SignIn() {
  return (
    <div class="sign-in">
      <h1>Sign in</h1>
      <SignInForm />
    </div>
  );
}

export function SignInForm() {
  const [key, setKey] = useState("");
  const [problem, setProblem] = useState<Error>();
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  const submit = async (event: Event) => {
    event.preventDefault();
    try {
      await signIn(key.trim());
    } catch (error) {
      setProblem(error as Error);
    }
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      <p>This server asks for an API key. It is exchanged for a session of this browser and not kept.</p>
      <label>
        API key
        <input
          ref={field}
          type="password"
          autocomplete="current-password"
          required
          value={key}
          onInput={(event) => setKey(event.currentTarget.value)}
        />
      </label>
      {problem && <ProblemNotice problem={problem} />}
      <div class="buttons">
        <button type="submit" class="primary">
          Sign in
        </button>
      </div>
      <p class="faint">
        <code>hourwheel key create</code> makes the first one, on the server's machine.
      </p>
    </form>
  );
}
