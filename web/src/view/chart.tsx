// A chart over time (uPlot), drawn in the theme's colours and as wide as its place.
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import { preferences, shownTheme } from "../state/preferences.ts";
import { clockTime, shownZone } from "./text.ts";

export interface ChartLine {
  label: string;
  color: string; // a custom property of the style sheet
  fill?: boolean;
}

interface ChartProps {
  title: string;
  times: number[]; // seconds
  lines: ChartLine[];
  values: (number | null)[][]; // of each line
  text?: (value: number) => string; // of a value
  summary: string; // what a reader who does not see it is told
}

const kHeight = 160;
const kClockSpace = 80; // px, so that "10:00:21" does not meet its neighbour
const kValueSize = 68;
const plain = (value: number) => String(Math.round(value * 10) / 10);

const clockOf = (at: number, zone: string | undefined) => clockTime(new Date(at * 1_000), zone).slice(11);

// Seconds only where they tell the ticks apart.
function clockTicks(zone: string | undefined) {
  return (_: uPlot, ticks: number[]) => {
    const length = (ticks[1] ?? 60) - (ticks[0] ?? 0) < 60 ? 8 : 5;
    return ticks.map((at) => clockOf(at, zone).slice(0, length));
  };
}

export function Chart({ title, times, lines, values, text = plain, summary }: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | undefined>(undefined);
  const data: uPlot.AlignedData = [times, ...values];
  const look = JSON.stringify([shownTheme.value, preferences.value.zone, lines]);
  useEffect(() => {
    const root = place.current;
    if (!root) return;
    const style = getComputedStyle(document.documentElement);
    const color = (name: string) => style.getPropertyValue(name).trim();
    const axis = { stroke: color("--faint"), grid: { stroke: color("--line"), width: 1 }, ticks: { show: false } };
    const zone = shownZone();
    const made = new uPlot(
      {
        width: root.clientWidth,
        height: kHeight,
        cursor: { y: false },
        legend: { live: true },
        ...(zone ? { tzDate: (ts: number) => uPlot.tzDate(new Date(ts * 1000), zone) } : {}),
        scales: { y: { range: (_, __, max) => [0, Math.max(1, max * 1.1)] } },
        axes: [
          { ...axis, space: kClockSpace, values: clockTicks(zone) },
          { ...axis, size: kValueSize, values: (_, ticks) => ticks.map(text) },
        ],
        series: [
          { label: "at", value: (_: uPlot, at: number | null) => (at === null ? "–" : clockOf(at, zone)) },
          ...lines.map((line) => ({
            label: line.label,
            stroke: color(line.color),
            width: 1.5,
            points: { show: false },
            ...(line.fill ? { fill: color(line.color) + "33" } : {}),
            value: (_: uPlot, value: number | null) => (value === null ? "–" : text(value)),
          })),
        ],
      },
      data,
      root,
    );
    chart.current = made;
    const observer = new ResizeObserver(() => made.setSize({ width: root.clientWidth, height: kHeight }));
    observer.observe(root);
    return () => {
      observer.disconnect();
      made.destroy();
    };
  }, [look]);
  useEffect(() => chart.current?.setData(data), [times, values]);
  return (
    <figure class="chart">
      <figcaption>{title}</figcaption>
      <div ref={place} role="img" aria-label={`${title}: ${summary}`} />
    </figure>
  );
}
