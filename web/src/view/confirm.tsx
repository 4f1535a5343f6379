// Asks before what cannot be taken back, and says what it will touch. The focus returns to where it
// was.
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { ProblemNotice } from "./notice.tsx";

interface DialogProps {
  title: string;
  close: () => void;
  hold?: boolean; // neither Escape nor a gesture closes it
  children: ComponentChildren;
}

export function Dialog({ title, close, hold = false, children }: DialogProps) {
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    dialog.current?.showModal();
    return () => {
      const there = before instanceof HTMLElement && before.isConnected;
      (there ? before : document.getElementById("main"))?.focus();
    };
  }, []);
  // A browser asks once (cancel), and closes when the key is pressed again.
  const onCancel = (event: Event) => {
    if (hold) event.preventDefault();
  };
  const onClose = () => (hold ? dialog.current?.showModal() : close());
  return (
    <dialog ref={dialog} onCancel={onCancel} onClose={onClose} aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {children}
    </dialog>
  );
}

interface ConfirmProps {
  title: string;
  action: string; // of the button
  danger?: boolean;
  run: () => Promise<unknown>;
  close: () => void;
  children?: ComponentChildren;
  disabled?: boolean;
  keep?: string | undefined; // instead of "Cancel"
}

export function Confirm({ title, action, danger, run, close, children, disabled, keep = "Cancel" }: ConfirmProps) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Error>();
  const submit = async (event: Event) => {
    event.preventDefault();
    event.stopPropagation(); // to a form around it
    setBusy(true);
    try {
      await run();
      close();
    } catch (error) {
      setProblem(error as Error);
      setBusy(false);
    }
  };
  return (
    <Dialog title={title} close={close}>
      <form onSubmit={(event) => void submit(event)}>
        {children}
        {problem && <ProblemNotice problem={problem} />}
        <div class="buttons">
          <button type="button" onClick={close}>
            {keep}
          </button>
          <button type="submit" class={danger ? "danger" : "primary"} disabled={busy || disabled}>
            {action}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
