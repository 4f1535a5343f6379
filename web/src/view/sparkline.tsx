// A line of what was, as wide as a word: its shape, and its last and largest value in words.
interface SparklineProps {
  title: string;
  values: (number | undefined)[];
  text: (value: number) => string;
}

const kWidth = 120;
const kHeight = 24;

export function Sparkline({ title, values, text }: SparklineProps) {
  const known = values.filter((value) => value !== undefined);
  const last = known.at(-1);
  if (known.length < 2 || last === undefined) return null;
  const most = Math.max(...known, 1);
  const step = kWidth / (values.length - 1);
  const points = values
    .map((value, i) => (value === undefined ? "" : `${(i * step).toFixed(1)},${(kHeight - 1 - (value / most) * (kHeight - 2)).toFixed(1)}`))
    .filter(Boolean)
    .join(" ");
  const told = `last ${text(last)}, most ${text(most)}`;
  return (
    <span class="sparkline">
      <span class="faint">{title}</span>
      <svg width={kWidth} height={kHeight} viewBox={`0 0 ${kWidth} ${kHeight}`} role="img" aria-label={`${title}: ${told}`}>
        <polyline points={points} />
      </svg>
      <span class="faint">{told}</span>
    </span>
  );
}
