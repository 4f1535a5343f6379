// The server itself: what runs here, how it is doing, and what an operator may ask of it.
import { call } from "../api/client.ts";
import type { Stats } from "../api/types.ts";
import { preferences } from "../state/preferences.ts";
import { useEvery } from "../view/every.ts";
import { useLoad } from "../view/load.ts";
import { Loading, ProblemNotice } from "../view/notice.tsx";
import { isNarrowed, mayAtServer } from "../view/reach.ts";
import { Backup, Drain, LogLevel } from "../server/server_admin.tsx";
import { Breakers, ServerCounts } from "../server/server_counts.tsx";
import { ServerFacts } from "../server/server_facts.tsx";
import type { ServerInfo } from "../server/server_info.ts";
import { Pauses } from "../server/server_pauses.tsx";
import { Time } from "../view/time.tsx";

const kEveryMs = 10_000;

interface Seen {
  server: ServerInfo;
  stats: Stats | undefined; // not for keys of some tasks
  at: string;
}

async function look(signal: AbortSignal): Promise<Seen> {
  const [server, stats] = await Promise.all([
    call<ServerInfo>("GET", "/v1/server", { signal }),
    mayAtServer("tasks:read")
      ? call<Stats>("GET", "/v1/stats", { query: { window: "PT1M" }, signal })
      : Promise.resolve(undefined),
  ]);
  return { server: server.body, stats: stats?.body, at: new Date().toISOString() };
}

export function ServerPage() {
  const loaded = useLoad(look, "server");
  useEvery(kEveryMs, loaded.again);
  const { value: seen, problem } = loaded;
  const admin = mayAtServer("cluster:admin");
  return (
    <>
      <h1>Server</h1>
      <div class="toolbar">
        <button type="button" onClick={loaded.again}>
          Look again
        </button>
        {seen && (
          <span class="faint">
            seen <Time at={seen.at} relative="only" />
            {preferences.value.live ? ", again every 10 s" : ", live is off"}
          </span>
        )}
      </div>
      {problem && <ProblemNotice problem={problem} retry={loaded.again} />}
      {!seen && !problem && <Loading what="the server's facts" />}
      {seen && (
        <>
          <ServerFacts server={seen.server} />
          {seen.stats && <ServerCounts stats={seen.stats} />}
          {seen.stats && <Breakers stats={seen.stats} />}
        </>
      )}
      {isNarrowed() && <p class="faint">Your key is for some of the tasks: counts of all are not shown to it.</p>}
      {admin && (
        <>
          <Pauses />
          <LogLevel />
          <Backup />
          {seen && <Drain server={seen.server} asked={loaded.again} />}
        </>
      )}
    </>
  );
}
