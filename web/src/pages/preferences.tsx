// What this browser keeps of its user's wishes, and who the session says that they are.
import { prefer, preferences, type Preferences } from "../state/preferences.ts";
import { session } from "../state/session.ts";
import { labelText } from "../view/label_lines.ts";
import { SignOut } from "../view/sign_out.tsx";
import { zoneName } from "../view/text.ts";
import { Time } from "../view/time.tsx";
import "../styles/facts.css";
import "../styles/field.css";

type Choice<T> = [value: T, name: string, what: string];

const kThemes: Choice<Preferences["theme"]>[] = [
  ["auto", "As the system", "light or dark, as this device is set"],
  ["light", "Light", "dark text on a light ground"],
  ["dark", "Dark", "light text on a dark ground"],
];
const kDensities: Choice<Preferences["density"]>[] = [
  ["comfortable", "Comfortable", "more space around rows, easier to hit"],
  ["compact", "Compact", "more rows on the screen"],
];
const kLive: Choice<boolean>[] = [
  [true, "On", "changes are shown as they happen while the page is in front"],
  [false, "Off", "pages stay as they were loaded until you ask again"],
];
const kShortcuts: Choice<boolean>[] = [
  [true, "On", "single keys act wherever nothing is being typed; ? shows them"],
  [false, "Off", "for speech input, or where keys are pressed by chance"],
];

function zones(): Choice<Preferences["zone"]>[] {
  return [
    ["local", "This browser's", `all times in ${zoneName(undefined)}`],
    ["utc", "UTC", "all times in UTC, as in the API and the logs"],
    ["task", "The task's own", "each task in the zone of its schedule; what has none in UTC"],
  ];
}

interface ChoicesProps<K extends keyof Preferences> {
  name: K;
  legend: string;
  choices: Choice<Preferences[K]>[];
}

function Choices<K extends keyof Preferences>({ name, legend, choices }: ChoicesProps<K>) {
  return (
    <fieldset class="choices">
      <legend>{legend}</legend>
      {choices.map(([value, title, what]) => (
        <label key={String(value)}>
          <input
            type="radio"
            name={name}
            checked={preferences.value[name] === value}
            onChange={() => prefer({ [name]: value })}
          />
          <span>
            {title} <span class="faint">– {what}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}

function SessionFacts() {
  const now = session.value;
  const key = now?.key;
  if (!now) return null;
  return (
    <section>
      <h2>Session</h2>
      {!key && <p>This server asks nobody for a key now, so that every page is open to whoever reaches it.</p>}
      <dl class="facts">
        {key && (
          <>
            <dt>Key</dt>
            <dd>
              {key.name} <code class="faint">{key.id}</code>
            </dd>
            <dt>Ends</dt>
            <dd>{key.expires_at ? <Time at={key.expires_at} /> : "never by itself"}</dd>
            <dt>Reaches</dt>
            <dd>{key.selection ? `tasks with ${labelText(key.selection)}` : "all tasks"}</dd>
          </>
        )}
        <dt>May</dt>
        <dd>
          <ul class="chips">
            {now.scopes.map((scope) => (
              <li key={scope}>
                <code>{scope}</code>
              </li>
            ))}
          </ul>
        </dd>
      </dl>
      {key && (
        <>
          <p class="faint">The session lasts 12 hours at most and ends with its key and with the server.</p>
          <div class="buttons">
            <SignOut />
          </div>
        </>
      )}
    </section>
  );
}

export function PreferencesPage() {
  return (
    <>
      <h1>Preferences</h1>
      <p class="faint">Kept in this browser only. They take effect at once.</p>
      <Choices name="theme" legend="Theme" choices={kThemes} />
      <Choices name="zone" legend="Zone of times" choices={zones()} />
      <Choices name="density" legend="Density of tables" choices={kDensities} />
      <Choices name="live" legend="Live" choices={kLive} />
      <Choices name="shortcuts" legend="Keyboard shortcuts" choices={kShortcuts} />
      <SessionFacts />
    </>
  );
}
