// Asks before what was typed is lost: by the browser when the page is closed, by a dialog of ours
// when a link leads away.
import { useEffect, useRef, useState } from "preact/hooks";
import { Confirm } from "../view/confirm.tsx";

export function LeaveGuard({ dirty }: { dirty: () => boolean }) {
  const [href, setHref] = useState<string>();
  const latest = useRef(dirty);
  latest.current = dirty;
  useEffect(() => {
    const onUnload = (event: BeforeUnloadEvent) => {
      if (latest.current()) event.preventDefault();
    };
    const onClick = (event: MouseEvent) => {
      if (event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
      const link = (event.target as Element).closest<HTMLAnchorElement>("a[href^='#/']");
      if (!link || link.target || !latest.current()) return;
      event.preventDefault();
      event.stopPropagation();
      setHref(link.getAttribute("href") ?? "#/");
    };
    addEventListener("beforeunload", onUnload);
    document.addEventListener("click", onClick, true);
    return () => {
      removeEventListener("beforeunload", onUnload);
      document.removeEventListener("click", onClick, true);
    };
  }, []);
  if (href === undefined) return null;
  return (
    <Confirm
      title="Leave without saving?"
      action="Leave"
      danger
      close={() => setHref(undefined)}
      run={async () => {
        location.hash = href;
      }}
    >
      <p>What you have changed here is not saved, and is lost.</p>
    </Confirm>
  );
}
