// Ends the session, or says why it goes on.
import { useState } from "preact/hooks";
import { signOut } from "../state/session.ts";
import { Dialog } from "./confirm.tsx";
import { ProblemNotice } from "./notice.tsx";

export function SignOut({ plain = false }: { plain?: boolean }) {
  const [problem, setProblem] = useState<Error>();
  const leave = () => void signOut().catch((error: Error) => setProblem(error));
  return (
    <>
      <button type="button" class={plain ? "plain" : undefined} onClick={leave}>
        Sign out
      </button>
      {problem && (
        <Dialog title="You are still signed in" close={() => setProblem(undefined)}>
          <ProblemNotice problem={problem} />
          <form method="dialog" class="buttons">
            <button type="submit">Close</button>
          </form>
        </Dialog>
      )}
    </>
  );
}
