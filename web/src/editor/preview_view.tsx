// The schedule in words, its next due times in its zone and the reader's, and what the clocks do
// to them.
import { Problem } from "../api/client.ts";
import type { Preview, PreviewTime } from "../api/types.ts";
import { ProblemNotice } from "../view/notice.tsx";
import { clockTime, words, zoneName } from "../view/text.ts";
import type { Previewed } from "./use_preview.ts";

interface PreviewViewProps {
  previewed: Previewed;
  zone: string; // of the schedule
  besideField: boolean; // its problem is told there
}

export function PreviewView({ previewed, zone, besideField }: PreviewViewProps) {
  const { preview, problem, loading, asked } = previewed;
  return (
    <section class="preview" aria-label="Preview of the schedule" aria-busy={loading}>
      <div aria-live="polite">
        {asked === undefined && <p class="faint">Fill in the schedule to see when the task would be due.</p>}
        {preview && (
          <p>
            <strong>{preview.text}</strong>
          </p>
        )}
        {problem && !besideField && <PreviewProblem problem={problem} />}
        {problem && besideField && <p class="faint">No preview: see what is wrong with the schedule.</p>}
        {!preview && !problem && loading && <p class="faint">Asking the server …</p>}
        {preview && <Warnings preview={preview} />}
      </div>
      {preview && <Times preview={preview} zone={zone} />}
    </section>
  );
}

function PreviewProblem({ problem }: { problem: Error }) {
  if (problem instanceof Problem && problem.code === "past-instant") {
    return <p class="faint">This instant has passed. The task keeps it as long as the schedule is not changed.</p>;
  }
  return <ProblemNotice problem={problem} />;
}

const kWarnings: Record<string, string> = { "dst-gap": "clocks go forward", "dst-overlap": "clocks go back" };

function Warnings({ preview }: { preview: Preview }) {
  const { warnings, skipped = [] } = preview;
  if (warnings.length + skipped.length === 0) return null;
  return (
    <ul class="warnings">
      {warnings.map(({ code, detail }) => (
        <li key={code}>
          <span class="badge warn">
            <span aria-hidden="true">⚠</span> {kWarnings[code] ?? words(code.replaceAll("-", " "))}
          </span>{" "}
          {detail}
        </li>
      ))}
      {skipped.map(({ local, note, clocks_change_at: change }) => (
        <li key={`${local} ${note}`}>
          <span class="badge warn">
            <span aria-hidden="true">⚠</span> not due
          </span>{" "}
          {spaced(local)}:{" "}
          {note === "missing_day" ? "the zone leaves out this day" : "the clocks go forward over this time"} (the change
          is at {clockTime(new Date(change))} yours).
        </li>
      ))}
    </ul>
  );
}

function Times({ preview, zone }: { preview: Preview; zone: string }) {
  if (preview.times.length === 0) return <p class="faint">Nothing is due ahead.</p>;
  const yours = zoneName(undefined);
  const jitter = preview.times.some((time) => time.fire_at ?? time.fire_by);
  return (
    <div class="wide" tabIndex={0} role="region" aria-label="Next due times">
      <table>
        <caption>Next due times, were it saved now</caption>
        <thead>
          <tr>
            <th scope="col">{zone}</th>
            {yours !== zone && <th scope="col">{yours} (yours)</th>}
            {jitter && <th scope="col">Starts</th>}
            <th scope="col">Note</th>
          </tr>
        </thead>
        <tbody>
          {preview.times.map((time) => (
            <tr key={time.utc}>
              <td>
                {spaced(time.local)} <span class="faint">{time.offset}</span>
              </td>
              {yours !== zone && (
                <td>
                  <time dateTime={time.utc} title={time.utc}>
                    {clockTime(new Date(time.utc))}
                  </time>
                </td>
              )}
              {jitter && <td>{startOf(time)}</td>}
              <td>{noteOf(time)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function startOf({ fire_at: at, fire_by: by }: PreviewTime): string {
  if (at) return clockTime(new Date(at));
  return by ? `by ${clockTime(new Date(by))}` : "";
}

function noteOf({ note, meant, count }: PreviewTime): string {
  switch (note) {
    case undefined:
      return "";
    case "dst_gap_shifted":
      return `The clocks go forward over ${meant ? spaced(meant) : "the time that is meant"}; it is due right after.`;
    case "dst_overlap_first":
      return "The clocks go back and show this time twice: the first of the two.";
    case "dst_overlap_second":
      return "The clocks go back and show this time twice: the second of the two.";
    case "excluded":
      return count && count > 1 ? `Left out, with ${count} due times in this range` : "Left out";
    default:
      return words(note);
  }
}

function spaced(local: string): string {
  return local.replace("T", " ");
}
