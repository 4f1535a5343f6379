// The density of what will run, as bars: one is chosen by pointer or arrow keys, and told in words.
import type { Bin } from "./timeline_bins.ts";
import { clockTime, counted, plural, shownZone } from "../view/text.ts";
import "../styles/timeline.css";

interface BarsProps {
  bins: Bin[];
  chosen: number;
  choose: (index: number, keep: boolean) => void;
}

const kHeight = 100;
const kHead = 10; // above the bars, for the marks
const kGap = 0.15;

export function binText(bin: Bin): string {
  const zone = shownZone();
  const from = clockTime(new Date(bin.begin), zone).slice(0, 16);
  const to = clockTime(new Date(bin.end), zone).slice(11, 16);
  const about = bin.estimated ? "about " : "";
  return `${from} to ${to}: ${about}${plural(bin.count, "run")}${bin.pile ? ", a pile-up" : ""}`;
}

function stepOf(key: string, chosen: number, count: number): number | undefined {
  const steps: Record<string, number> = {
    ArrowRight: chosen + 1,
    ArrowUp: chosen + 1,
    ArrowLeft: chosen - 1,
    ArrowDown: chosen - 1,
    PageUp: chosen + 8,
    PageDown: chosen - 8,
    Home: 0,
    End: count - 1,
  };
  const to = steps[key];
  return to === undefined ? undefined : Math.min(count - 1, Math.max(0, to));
}

export function Bars({ bins, chosen, choose }: BarsProps) {
  const most = Math.max(1, ...bins.map((bin) => bin.count));
  const onKey = (event: KeyboardEvent) => {
    const to = stepOf(event.key, chosen, bins.length);
    if (to === undefined) return;
    event.preventDefault();
    choose(to, true);
  };
  const at = (event: MouseEvent & { currentTarget: HTMLElement }) => {
    const box = event.currentTarget.getBoundingClientRect();
    const index = Math.floor(((event.clientX - box.left) / box.width) * bins.length);
    return Math.min(bins.length - 1, Math.max(0, index));
  };
  const shown = bins[chosen];
  return (
    <figure class="timeline">
      <figcaption class="faint">
        Highest bar: {plural(most, "run")}. ▲ marks pile-ups. Arrow keys go from bar to bar; a click keeps one.
      </figcaption>
      <div
        class="timeline-bars"
        role="slider"
        tabIndex={0}
        aria-label="Time"
        aria-valuemin={0}
        aria-valuemax={bins.length - 1}
        aria-valuenow={chosen}
        aria-valuetext={shown ? binText(shown) : undefined}
        onKeyDown={onKey}
        onPointerMove={(event) => choose(at(event), false)}
        onClick={(event) => choose(at(event), true)}
      >
        <svg viewBox={`0 0 ${bins.length} ${kHeight + kHead}`} preserveAspectRatio="none" aria-hidden="true">
          {bins.map((bin, index) => (
            <Bar key={bin.from} bin={bin} index={index} most={most} chosen={index === chosen} />
          ))}
        </svg>
      </div>
      <Axis bins={bins} />
    </figure>
  );
}

function Bar({ bin, index, most, chosen }: { bin: Bin; index: number; most: number; chosen: boolean }) {
  const height = bin.count === 0 ? 0 : Math.max(1.5, (bin.count / most) * kHeight);
  const top = kHead + kHeight - height;
  return (
    <>
      {chosen && <rect class="ground" x={index} y={0} width={1} height={kHead + kHeight} />}
      <rect
        class={`bar${bin.pile ? " pile" : ""}${chosen ? " chosen" : ""}`}
        x={index + kGap / 2}
        y={top}
        width={1 - kGap}
        height={height}
      >
        <title>{binText(bin)}</title>
      </rect>
      {bin.pile && <path d={`M${index + 0.1} ${top - 2} h0.8 l-0.4 -6 z`} />}
    </>
  );
}

const kDayMs = 86_400_000;
const kLastMark = 0.93; // of the width: behind that its text has no room

// A mark where a day begins; within a day or two, every four hours.
function Axis({ bins }: { bins: Bin[] }) {
  const days = bins.length > 0 && bins[bins.length - 1]!.to - bins[0]!.from > 2 * kDayMs;
  const texts = bins.map((bin) => clockTime(new Date(bin.from), shownZone()));
  const part = (text = "") => (days ? text.slice(0, 10) : Math.floor(Number(text.slice(11, 13)) / 4));
  return (
    <div class="timeline-axis faint" aria-hidden="true">
      {texts.map((text, i) =>
        i > 0 && i < kLastMark * bins.length && part(text) !== part(texts[i - 1]) ? (
          <span key={i} style={{ left: `${(i / bins.length) * 100}%` }}>
            {days ? text.slice(5, 10) : text.slice(11, 16)}
          </span>
        ) : null,
      )}
    </div>
  );
}

export function BinTable({ bins }: { bins: Bin[] }) {
  return (
    <details>
      <summary>The same as a table</summary>
      <div class="wide" tabIndex={0} role="region" aria-label="Runs by time">
        <table>
          <caption class="hidden">Runs by time; times without any are left out</caption>
          <thead>
            <tr>
              <th scope="col">From</th>
              <th scope="col">To</th>
              <th scope="col" class="number">Runs</th>
              <th scope="col" class="number">Tasks</th>
              <th scope="col">Pile-up</th>
            </tr>
          </thead>
          <tbody>
            {bins
              .filter((bin) => bin.count > 0)
              .map((bin) => (
                <tr key={bin.from}>
                  <th scope="row">{clockTime(new Date(bin.begin), shownZone()).slice(0, 16)}</th>
                  <td>{clockTime(new Date(bin.end), shownZone()).slice(0, 16)}</td>
                  <td class="number">
                    {bin.estimated ? "about " : ""}
                    {counted(bin.count)}
                  </td>
                  <td class="number">{counted(bin.tasks.size)}</td>
                  <td>{bin.pile ? "▲ yes" : "no"}</td>
                </tr>
              ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
