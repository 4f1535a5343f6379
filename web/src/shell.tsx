import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { streamState } from "./api/changes.ts";
import { shutOut } from "./api/client.ts";
import { goTo, hrefTo, place } from "./place.ts";
import { prefer, preferences } from "./state/preferences.ts";
import { loadSession, may, session, sessionProblem } from "./state/session.ts";
import { Dialog } from "./view/confirm.tsx";
import { ProblemNotice } from "./view/notice.tsx";
import { SignOut } from "./view/sign_out.tsx";
import { allows, kPages, pageAt } from "./pages.tsx";
import { SignIn, SignInForm } from "./pages/sign_in.tsx";

const kLive = {
  off: ["calm", "○", "not live here"],
  connecting: ["calm", "…", "connecting"],
  live: ["good", "●", "live"],
  waiting: ["warn", "↻", "reconnecting"],
} as const;
const kNotLive = "This page is not told of changes; press to pause what it asks for again and again";

function LiveSwitch() {
  const on = preferences.value.live;
  const state = streamState.value;
  const [tone, sign, word] = kLive[state];
  return (
    <button
      type="button"
      class={`plain badge ${on ? tone : "calm"}`}
      aria-pressed={on}
      title={!on ? "Paused; press to go on" : state === "off" ? kNotLive : "Changes are shown, or offered, as they happen; press to pause"}
      onClick={() => prefer({ live: !on })}
    >
      <span aria-hidden="true">{on ? sign : "‖"}</span> {on ? word : "paused"}
    </button>
  );
}

function Navigation({ open, close }: { open: boolean; close: () => void }) {
  const here = place.value.parts[0] ?? "";
  return (
    <nav aria-label="Pages" class={open ? "open" : ""}>
      <ul>
        {kPages
          .filter((page) => page.menu && allows(page))
          .map((page) => (
            <li key={page.name}>
              <a
                href={hrefTo(page.name ? [page.name] : [])}
                aria-current={here === page.name ? "page" : undefined}
                onClick={close}
              >
                {page.title}
              </a>
            </li>
          ))}
      </ul>
    </nav>
  );
}

const kKeys: [string, string][] = [
  ["/", "search on this page"],
  ["n", "new task"],
  ["g o", "overview"],
  ["g t", "tasks"],
  ["g r", "runs"],
  ["g d", "dead letters"],
  ["g s", "server"],
  ["?", "these keys"],
];
const kGoTo: Record<string, string[]> = { o: [], t: ["tasks"], r: ["runs"], d: ["dead"], s: ["server"] };

// Keys that act wherever nothing is being typed, unless the user has switched them off.
function useKeys(help: () => void): void {
  useEffect(() => {
    let afterG = false;
    const onKey = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      if (!preferences.value.shortcuts || event.ctrlKey || event.metaKey || event.altKey) return;
      if (target.closest("input, textarea, select, dialog, [contenteditable]")) return;
      const wasG = afterG;
      afterG = false;
      if (wasG) {
        const parts = kGoTo[event.key];
        if (parts) goTo(parts);
      } else if (event.key === "g") {
        afterG = true;
      } else if (event.key === "?") {
        help();
      } else if (event.key === "n" && may("tasks:write")) {
        goTo(["new"]);
      } else if (event.key === "/") {
        const search = document.querySelector<HTMLInputElement>("main input[type=search]");
        if (!search) return;
        search.focus();
        event.preventDefault();
      }
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
}

function Who() {
  const key = session.value?.key;
  if (!key) return null;
  return (
    <span class="who">
      <span class="faint" title={session.value?.scopes.join(", ")}>
        {key.name}
      </span>{" "}
      <SignOut plain />
    </span>
  );
}

export function Shell() {
  const [help, setHelp] = useState(false);
  const [menu, setMenu] = useState(false);
  useKeys(() => setHelp(true));
  const menuButton = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!menu) return undefined;
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== "Escape") return;
      setMenu(false);
      menuButton.current?.focus();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, [menu]);
  const page = pageAt(place.value);
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);
  const name = place.value.parts.join("/");
  // Where a click leads to another page the reader begins at its heading.
  useEffect(() => {
    const [of, id] = place.value.parts;
    document.title = `${of === "tasks" && id ? `${id} – ` : ""}${page.title} – Hourwheel`;
    if (!first.current) main.current?.focus({ preventScroll: false });
    first.current = false;
    scrollTo(0, 0);
  }, [name]);

  let content: ComponentChildren;
  if (sessionProblem.value) {
    content = <ProblemNotice problem={sessionProblem.value} retry={() => void loadSession()} />;
  } else if (!session.value) {
    content = <SignIn />;
  } else if (!allows(page)) {
    content = (
      <div class="notice warn">
        <p>
          This page needs the scope <code>{page.scopes?.join(" or ")}</code>, which your key does not have.
        </p>
      </div>
    );
  } else {
    content = <page.Show key={name} {...place.value} />;
  }
  return (
    <>
      <a class="skip" href="#main" onClick={(event) => { event.preventDefault(); main.current?.focus(); }}>
        Skip to the content
      </a>
      <header>
        <button
          ref={menuButton}
          type="button"
          class="plain menu"
          aria-expanded={menu}
          aria-label="Menu"
          onClick={() => setMenu(!menu)}
        >
          ☰
        </button>
        <a href="#/" class="brand">
          <img src="ui/icon.svg" alt="" width="24" height="24" /> Hourwheel
        </a>
        <span class="spring" />
        {session.value && <LiveSwitch />}
        <Who />
        <button type="button" class="plain" aria-label="Keyboard shortcuts" onClick={() => setHelp(true)}>
          ?
        </button>
      </header>
      {session.value && <Navigation open={menu} close={() => setMenu(false)} />}
      <main ref={main} tabIndex={-1} id="main">
        {content}
      </main>
      {shutOut.value && session.value && (
        <Dialog title="The session is over" close={() => (shutOut.value = false)}>
          <SignInForm />
        </Dialog>
      )}
      {help && (
        <Dialog title="Keys" close={() => setHelp(false)}>
          <dl class="keys">
            {kKeys.map(([key, what]) => (
              <div key={key}>
                <dt>
                  {key.split(" ").map((one) => (
                    <kbd key={one}>{one}</kbd>
                  ))}
                </dt>
                <dd>{what}</dd>
              </div>
            ))}
          </dl>
          {!preferences.value.shortcuts && (
            <p>
              They are switched off in the <a href={hrefTo(["preferences"])} onClick={() => setHelp(false)}>preferences</a>.
            </p>
          )}
          <form method="dialog" class="buttons">
            <button type="submit">Close</button>
          </form>
        </Dialog>
      )}
    </>
  );
}
