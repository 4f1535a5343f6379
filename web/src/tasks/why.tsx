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

const secondOf = (instant: string) => Math.floor(Date.parse(instant) / 1_000);

// The server's sentence, with the instants in it as the page shows them.
function Detail({ text }: { text: string }) {
  const parts = text.split(/(\d{4}-\d\d-\d\dT[\d:.]+Z)/);
  return <>{parts.map((part, i) => (i % 2 ? <Time at={part} relative="no" /> : part))}</>;
}

export function Why({ task }: { task: Task }) {
  const [at, setAt] = useState("");
  const [answer, setAnswer] = useState<WhyAnswer>();
  const [problem, setProblem] = useState<Error>();
  const path = `/v1/tasks/${encodeURIComponent(task.id)}/why`;
  const askAt = async (at: string) => (await call<WhyAnswer>("GET", path, { query: { at } })).body;
  // The field has whole seconds: within the one that is asked about an instant is meant.
  const ask = async (instant: string, isSecond = false) => {
    try {
      let found = await askAt(instant);
      const meant = Object.values(found.nearest).find((at) => isSecond && secondOf(at) === secondOf(instant));
      if (found.answer === "not_due" && meant) found = await askAt(meant);
      setAnswer(found);
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
          if (at) void ask(fromField(at), true);
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
              {answer.reason ? ` (${words(answer.reason)})` : ""}: <Detail text={answer.detail} />
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
