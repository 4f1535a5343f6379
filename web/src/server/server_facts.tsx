// What the server is: its build, its parts, its disk and its limits.
import { kFeatures, kLimits, type ServerInfo } from "./server_info.ts";
import { counted, plural, sizeText } from "../view/text.ts";
import { Time } from "../view/time.tsx";
import "../styles/facts.css";

type Sign = [tone: string, sign: string, word: string, what: string];

const kStorage: Record<ServerInfo["storage"]["state"], Sign> = {
  ok: ["good", "✓", "enough space", ""],
  low: [
    "warn",
    "⚠",
    "low",
    "Less is free than the reserve. Changes are refused (storage-low) except deletes, pauses and cancels, so that what is planned still runs. Free some space on this volume.",
  ],
  full: [
    "bad",
    "✕",
    "full",
    "A change could not be written; such changes are answered with storage-full and may still happen when there is space. Free some space on this volume now.",
  ],
};

function standing(server: ServerInfo): Sign {
  if (server.draining) return ["warn", "↓", "stopping", ""];
  return server.ready ? ["good", "✓", "ready", ""] : ["bad", "✕", "not ready", ""];
}

function Badge({ sign: [tone, sign, word] }: { sign: Sign }) {
  return (
    <span class={`badge ${tone}`}>
      <span aria-hidden="true">{sign}</span> {word}
    </span>
  );
}

export function ServerFacts({ server }: { server: ServerInfo }) {
  return (
    <section>
      <h2>
        This server <Badge sign={standing(server)} />
      </h2>
      <dl class="facts">
        <dt>Version</dt>
        <dd>
          {server.version} {server.dev && <span class="badge warn">⚠ --dev</span>}
        </dd>
        <dt>Commit</dt>
        <dd>
          <code>{server.commit}</code>
        </dd>
        <dt>Time zones</dt>
        <dd>tzdata {server.tzdata_version}</dd>
        <dt>Started</dt>
        <dd>
          <Time at={server.started_at} />
        </dd>
        <dt>I/O</dt>
        <dd>
          <code>{server.io_backend}</code>, spoken to by {server.scheme.toUpperCase()}
        </dd>
        <dt>Threads</dt>
        <dd>
          {plural(server.shards, "shard")}, {plural(server.reactors, "reactor")}
        </dd>
        <dt>Durability</dt>
        <dd>
          <code>{server.durability}</code>
          {server.durability === "flush" && ": what is acknowledged has been flushed to the disk"}
        </dd>
        <dt>Features</dt>
        <dd>
          {server.features.length === 0 && "none of those that depend on how it was started"}
          <ul class="chips">
            {server.features.map((feature) => (
              <li key={feature}>
                <code>{feature}</code> <span class="faint">{kFeatures[feature]}</span>
              </li>
            ))}
          </ul>
        </dd>
      </dl>
      <Storage storage={server.storage} />
      <Limits limits={server.limits} />
    </section>
  );
}

function Storage({ storage }: { storage: ServerInfo["storage"] }) {
  const sign = kStorage[storage.state];
  const used = storage.volume_bytes - storage.free_bytes;
  return (
    <>
      <h2>
        Storage <Badge sign={sign} />
      </h2>
      {sign[3] && (
        <div class={`notice ${sign[0]}`}>
          <p>{sign[3]}</p>
        </div>
      )}
      <p>
        <meter min={0} max={storage.volume_bytes} value={used} aria-label="Used part of the volume" />{" "}
        {sizeText(storage.free_bytes)} of {sizeText(storage.volume_bytes)} free; reserve{" "}
        {sizeText(storage.reserve_bytes)}, and {sizeText(storage.ballast_bytes)} to be given up when the disk is full.
      </p>
    </>
  );
}

function Limits({ limits }: { limits: Record<string, number> }) {
  return (
    <details>
      <summary>Limits</summary>
      <div class="wide" tabIndex={0} role="region" aria-label="Limits">
        <table>
          <caption class="hidden">What a request, a task or the server may have at most</caption>
          <thead>
            <tr>
              <th scope="col">Limit</th>
              <th scope="col" class="number">At most</th>
            </tr>
          </thead>
          <tbody>
            {Object.entries(limits).map(([name, value]) => (
              <tr key={name}>
                <th scope="row">{kLimits[name] ?? name}</th>
                <td class="number">{name.includes("bytes") ? sizeText(value) : counted(value)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
