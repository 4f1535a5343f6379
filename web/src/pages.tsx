// The one table of pages: the first part of the address, what it is called, who may, what shows it.
import type { FunctionComponent } from "preact";
import type { Scope } from "./api/types.ts";
import type { Place } from "./place.ts";
import { may } from "./state/session.ts";
import { mayAtServer } from "./view/reach.ts";
import { Overview } from "./pages/overview.tsx";
import { Tasks } from "./pages/tasks.tsx";
import { OneTask } from "./pages/task.tsx";
import { Runs } from "./pages/runs.tsx";
import { OneRun } from "./pages/run.tsx";
import { DeadLetters } from "./pages/dead_letters.tsx";
import { NewTask, EditTask } from "./pages/task_editor.tsx";
import { Timeline } from "./pages/timeline.tsx";
import { ServerPage } from "./pages/server.tsx";
import { Keys } from "./pages/keys.tsx";
import { AuditLog } from "./pages/audit.tsx";
import { ApiDocs } from "./pages/api_docs.tsx";
import { PreferencesPage } from "./pages/preferences.tsx";

interface Page {
  name: string;
  title: string;
  menu: boolean;
  scopes?: Scope[]; // one of these is needed
  ofServer?: boolean; // not for keys that reach some tasks only
  Show: FunctionComponent<Place>;
}

export const kPages: Page[] = [
  { name: "", title: "Overview", menu: true, scopes: ["tasks:read"], Show: Overview },
  { name: "tasks", title: "Tasks", menu: true, scopes: ["tasks:read"], Show: Tasks },
  { name: "runs", title: "Runs", menu: true, scopes: ["runs:read"], Show: Runs },
  { name: "dead", title: "Dead letters", menu: true, scopes: ["runs:read"], Show: DeadLetters },
  { name: "timeline", title: "Timeline", menu: true, scopes: ["tasks:read"], Show: Timeline },
  { name: "server", title: "Server", menu: true, scopes: ["tasks:read"], Show: ServerPage },
  { name: "keys", title: "Keys", menu: true, ofServer: true, scopes: ["keys:admin", "secrets:write"], Show: Keys },
  { name: "audit", title: "Audit", menu: true, ofServer: true, scopes: ["audit:read"], Show: AuditLog },
  { name: "api", title: "API", menu: true, Show: ApiDocs },
  { name: "preferences", title: "Preferences", menu: true, Show: PreferencesPage },
  { name: "new", title: "New task", menu: false, scopes: ["tasks:write"], Show: NewTask },
];
const kTask: Page = { name: "tasks", title: "Task", menu: false, scopes: ["tasks:read"], Show: OneTask };
const kEditTask: Page = { name: "tasks", title: "Edit task", menu: false, scopes: ["tasks:write"], Show: EditTask };
const kRun: Page = { name: "runs", title: "Run", menu: false, scopes: ["runs:read"], Show: OneRun };
const kNothing: Page = {
  name: "",
  title: "Not found",
  menu: false,
  Show: () => (
    <>
      <h1>There is no such page</h1>
      <p>
        <a href="#/">Overview</a>
      </p>
    </>
  ),
};

export function allows(page: Page): boolean {
  const asks = page.ofServer ? mayAtServer : may;
  return !page.scopes || page.scopes.some(asks);
}

export function pageAt({ parts }: Place): Page {
  const [name = "", id, action] = parts;
  if (name === "tasks" && id) return action === "edit" ? kEditTask : kTask;
  if (name === "runs" && id) return kRun;
  if (id) return kNothing;
  return kPages.find((page) => page.name === name) ?? kNothing;
}
