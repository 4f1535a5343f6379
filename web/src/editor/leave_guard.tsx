// Asks before what was typed is lost.
import { useState } from "preact/hooks";
import { Confirm } from "../view/confirm.tsx";
import { useHold } from "../view/hold.ts";

export function LeaveGuard({ dirty }: { dirty: () => boolean }) {
  const [leave, setLeave] = useState<() => void>();
  useHold(dirty, (go) => setLeave(() => go));
  if (!leave) return null;
  return (
    <Confirm
      title="Leave without saving?"
      action="Leave"
      danger
      close={() => setLeave(undefined)}
      run={async () => leave()}
    >
      <p>What you have changed here is not saved, and is lost.</p>
    </Confirm>
  );
}
