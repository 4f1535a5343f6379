// What the server does now and has done since its start; destinations that it leaves alone.
import type { Stats } from "../api/types.ts";
import { now } from "../state/clock.ts";
import { hrefTo } from "../place.ts";
import { counted, late } from "../view/text.ts";
import { Time } from "../view/time.tsx";

type Row = [what: string, count: number | string, href?: string];

function Counts({ title, rows }: { title: string; rows: Row[] }) {
  return (
    <div>
      <table>
        <caption>{title}</caption>
        <thead class="hidden">
          <tr>
            <th scope="col">What</th>
            <th scope="col">Count</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([what, count, href]) => (
            <tr key={what}>
              <th scope="row">{href ? <a href={href}>{what}</a> : what}</th>
              <td class="number">{typeof count === "number" ? counted(count) : count}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export function ServerCounts({ stats }: { stats: Stats }) {
  const { now: current, since_start: since } = stats;
  return (
    <section>
      <h2>Counts</h2>
      <div class="columns">
        <Counts
          title="Tasks by state"
          rows={Object.entries(current.tasks).map(([state, count]): Row => [state, count, hrefTo(["tasks"], { state })])}
        />
        <Counts
          title="Now"
          rows={[
            ["runs in flight", current.runs_in_flight],
            ["runs waiting for their destination", current.runs_waiting],
            ["tasks due soon", current.tasks_due_soon],
            ["pauses in force", current.pauses_in_force],
            ["breakers open", current.breakers_open],
          ]}
        />
        <Counts
          title="Runs ended since the start"
          rows={Object.entries(since.runs).map(([state, count]): Row => [state, count])}
        />
        <Counts
          title="Since the start"
          rows={[
            ["attempts", since.attempts],
            ["callbacks", since.callbacks],
            ["lateness, median", late(since.lateness_p50_ms)],
            ["lateness, 99 of 100", late(since.lateness_p99_ms)],
          ]}
        />
      </div>
    </section>
  );
}

export function Breakers({ stats }: { stats: Stats }) {
  const { breakers, breakers_open } = stats.now;
  return (
    <section>
      <h2>Circuit breakers</h2>
      {breakers.length === 0 ? (
        <p class="faint">
          {breakers_open === 0
            ? "None is open: no destination is left alone because it failed too often."
            : `${breakers_open} are open, of destinations that are not known now.`}
        </p>
      ) : (
        <div class="wide" tabIndex={0} role="region" aria-label="Circuit breakers">
          <table>
            <caption class="hidden">Destinations that are left alone, those that failed first on top</caption>
            <thead>
              <tr>
                <th scope="col">Destination</th>
                <th scope="col">State</th>
                <th scope="col">Since</th>
                <th scope="col">Next probe</th>
                <th scope="col" class="number">Failures in a row</th>
                <th scope="col" class="number">Shards</th>
              </tr>
            </thead>
            <tbody>
              {breakers.map((breaker) => (
                <tr key={breaker.destination}>
                  <th scope="row" class="name">{breaker.destination}</th>
                  <td>
                    {Date.parse(breaker.next_probe_at) <= now.value ? (
                      <span class="badge warn">◐ half-open</span>
                    ) : (
                      <span class="badge bad">✕ open</span>
                    )}
                  </td>
                  <td><Time at={breaker.since} relative="only" /></td>
                  <td><Time at={breaker.next_probe_at} relative="only" /></td>
                  <td class="number">{counted(breaker.failures)}</td>
                  <td class="number">{counted(breaker.shards)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
