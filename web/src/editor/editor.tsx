// The task editor: a definition as a form, as JSON and as a command. The form and the text are two
// views of one definition; what one of them has is told to the other when the tab changes.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { type FieldProblem, Problem } from "../api/client.ts";
import { Intent } from "../api/intent.ts";
import { goTo, hrefTo } from "../place.ts";
import { ProblemNotice } from "../view/notice.tsx";
import { Conflict, type Stored } from "./conflict.tsx";
import { complaints, type Form, formOf, scheduleText, textOf } from "./definition.ts";
import { homeless, without } from "./errors.ts";
import { FormView } from "./form_view.tsx";
import { LeaveGuard } from "./leave_guard.tsx";
import { CurlView, RawView } from "./raw_view.tsx";
import { create, replace } from "./save.ts";
import { Tabs } from "../view/tabs.tsx";

interface EditorProps {
  text: string; // what it begins with
  id?: string; // of a task that is there
  etag?: string;
}

type Tab = "form" | "json" | "curl";
const kTabs = [
  ["form", "Form"],
  ["json", "JSON"],
  ["curl", "curl"],
] as const;

export function Editor({ text, id, etag = "" }: EditorProps) {
  const [stored, setStored] = useState<Stored>({ text, etag });
  const [form, setForm] = useState<Form>(() => formOf(text));
  const [raw, setRaw] = useState(text);
  const [tab, setTab] = useState<Tab>("form");
  const [errors, setErrors] = useState<readonly FieldProblem[]>([]);
  const [problem, setProblem] = useState<Error>();
  const [conflict, setConflict] = useState<{ body: string; turn: number }>();
  const [busy, setBusy] = useState(false);
  const [focusTurn, setFocusTurn] = useState(0);
  const box = useRef<HTMLFormElement>(null);
  const saved = useRef(false);
  const [intent] = useState(() => new Intent());
  const storedSchedule = useMemo(() => scheduleText(formOf(stored.text)), [stored]);
  const textNow = () => (tab === "json" ? raw : textOf(form));
  const dirty = () => !saved.current && textNow() !== textOf(formOf(stored.text));

  useEffect(() => {
    if (focusTurn > 0) focusOnWrong(box.current);
  }, [focusTurn]);

  const refuse = (found: readonly FieldProblem[], why?: Error) => {
    setErrors(found);
    setProblem(why);
    setFocusTurn((before) => before + 1);
  };
  // False, and told why: there is something that only this tab can show.
  const agree = (): boolean => {
    const found = tab === "json" ? syntaxError(raw) : complaints(form);
    if (found.length > 0) refuse(found);
    return found.length === 0;
  };
  const choose = (next: Tab) => {
    if (next === tab || !agree()) return;
    let agreed = form;
    if (tab === "json" && raw !== textOf(form)) {
      agreed = formOf(raw);
      setForm(agreed);
    }
    if (next === "json") setRaw(textOf(agreed));
    setErrors([]);
    setProblem(undefined);
    setTab(next);
  };
  const write = async (body: string, etagNow: string) => {
    setBusy(true);
    try {
      const made = id === undefined ? await create(body, intent) : await replace(id, body, etagNow);
      saved.current = true;
      goTo(["tasks", made]);
    } catch (error) {
      setBusy(false);
      if (error instanceof Problem && error.status === 412 && id !== undefined) {
        return setConflict((before) => ({ body, turn: (before?.turn ?? 0) + 1 }));
      }
      setConflict(undefined);
      refuse(error instanceof Problem ? error.errors : [], error as Error);
    }
  };
  const submit = (event: Event) => {
    event.preventDefault();
    if (!busy && agree()) void write(textNow(), stored.etag);
  };
  const take = (theirs: Stored) => {
    setStored(theirs);
    setForm(formOf(theirs.text));
    setRaw(theirs.text);
    setConflict(undefined);
    refuseNothing();
  };
  const refuseNothing = () => {
    setErrors([]);
    setProblem(undefined);
  };

  if (conflict !== undefined && id !== undefined) {
    return (
      <>
        <LeaveGuard dirty={dirty} />
        <Conflict
          key={conflict.turn}
          id={id}
          before={stored.text}
          mine={conflict.body}
          reload={take}
          overwrite={(now) => write(conflict.body, now ?? "")}
          back={() => setConflict(undefined)}
        />
      </>
    );
  }
  const change = (next: Form, pointer: string) => {
    setForm(next);
    const left = without(errors, pointer);
    if (errors.length > 0 && left.length === 0) setProblem(undefined); // it was about them
    setErrors(left);
  };
  return (
    <>
      <LeaveGuard dirty={dirty} />
      <form ref={box} class="editor" noValidate onSubmit={submit}>
        <Told problem={problem} errors={tab === "form" ? homeless(errors, form) : errors} all={errors} />
        <Tabs label="Views of the definition" names={kTabs} chosen={tab} choose={choose} />
        {tab === "form" && (
          <FormView
            form={form}
            change={change}
            errors={errors}
            storedSchedule={id === undefined ? undefined : storedSchedule}
          />
        )}
        {tab === "json" && (
          <RawView
            text={raw}
            set={(next) => {
              setRaw(next);
              refuseNothing();
            }}
            wrong={errors.find((error) => error.pointer === "#")?.detail}
          />
        )}
        {tab === "curl" && <CurlView text={textNow()} id={id} etag={stored.etag} />}
        <div class="buttons">
          <a class="button" href={hrefTo(id === undefined ? ["tasks"] : ["tasks", id])}>
            Cancel
          </a>
          <button type="submit" class="primary" disabled={busy}>
            {busy ? "Saving …" : id === undefined ? "Create the task" : "Save"}
          </button>
        </div>
      </form>
    </>
  );
}

interface ToldProps {
  problem: Error | undefined;
  errors: readonly FieldProblem[]; // that are not shown beside a field
  all: readonly FieldProblem[];
}

// What went wrong, without what stands beside the fields.
function Told({ problem, errors, all }: ToldProps) {
  const elsewhere = all.length - errors.length;
  if (problem instanceof Problem && elsewhere > 0 && errors.length === 0) {
    return (
      <div class="notice bad" role="alert" tabIndex={-1} data-told>
        <p>
          <strong>It was not saved: {elsewhere === 1 ? "a field needs" : `${elsewhere} fields need`} another look.</strong>
        </p>
        <p class="faint">
          {problem.status} <code>{problem.code}</code>
          {problem.requestId && (
            <>
              {" "}
              · request <code>{problem.requestId}</code>
            </>
          )}
        </p>
      </div>
    );
  }
  if (!problem) return null;
  let shown = problem;
  if (problem instanceof Problem) {
    const { status, code, detail, requestId, retryAfterS } = problem;
    shown = new Problem(status, code, detail, [...errors], requestId, retryAfterS);
  }
  return (
    <div tabIndex={-1} data-told>
      <ProblemNotice problem={shown} />
    </div>
  );
}

function syntaxError(text: string): FieldProblem[] {
  try {
    formOf(text);
    return [];
  } catch (error) {
    return [{ pointer: "#", code: "invalid", detail: (error as Error).message }];
  }
}

// After the groups that hold what is wrong have opened.
function focusOnWrong(box: HTMLElement | null): void {
  requestAnimationFrame(() => {
    const first = box?.querySelector<HTMLElement>("[aria-invalid=true], [data-wrong]") ?? box?.querySelector<HTMLElement>("[data-told]");
    first?.focus();
    first?.scrollIntoView({ block: "center" });
  });
}
