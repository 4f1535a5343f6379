// What became of an instant: the server's own answer (GET /v1/tasks/{id}/why).
import { useState } from "preact/hooks";
import { call } from "../api/client.ts";
import type { Run, Task } from "../api/types.ts";
import { hrefTo } from "../place.ts";
import { fieldZone, fromField } from "../view/instant_text.ts";
import { ProblemNotice } from "../view/notice.tsx";
import { words } from "../view/text.ts";
import { Time } from "../view/time.tsx";

interface WhyAnswer {
  at: string;
  answer: string;
  reason?: string;
  detail: string;
  run?: Run;
  nearest: { before?: string; after?: string };
}

export function Why({ task }: { task: Task }) {
  const [at, setAt] = useState("");
  const [answer, setAnswer] = useState<WhyAnswer>();
  const [problem, setProblem] = useState<Error>();
  const ask = async (instant: string) => {
    try {
      const path = `/v1/tasks/${encodeURIComponent(task.id)}/why`;
      setAnswer((await call<WhyAnswer>("GET", path, { query: { at: instant } })).body);
      setProblem(undefined);
    } catch (error) {
      setProblem(error as Error);
    }
  };
  const near = (title: string, instant: string | undefined) =>
    instant && (
      <p>
        {title}: <Time at={instant} />{" "}
        <button type="button" class="plain" onClick={() => void ask(instant)}>
          ask about it
        </button>
      </p>
    );
  return (
    <section>
      <form
        class="toolbar"
        onSubmit={(event) => {
          event.preventDefault();
          if (at) void ask(fromField(at));
        }}
      >
        <label>
          When should it have run? ({fieldZone()})
          <input type="datetime-local" step="1" required value={at} onInput={(event) => setAt(event.currentTarget.value)} />
        </label>
        <button type="submit" class="primary">
          Ask
        </button>
      </form>
      {problem && <ProblemNotice problem={problem} />}
      <div class={answer ? "notice" : ""}>
        <p aria-live="polite">
          {answer && (
            <>
              <strong>{words(answer.answer)}</strong>
              {answer.reason ? ` (${words(answer.reason)})` : ""}: {answer.detail}
            </>
          )}
        </p>
        {answer && (
          <>
            <p class="faint">
              Asked about <Time at={answer.at} />
            </p>
            {answer.run && (
              <p>
                <a href={hrefTo(["runs", answer.run.id])}>The run</a>
              </p>
            )}
            {near("Due before", answer.nearest.before)}
            {near("Due after", answer.nearest.after)}
          </>
        )}
      </div>
    </section>
  );
}
