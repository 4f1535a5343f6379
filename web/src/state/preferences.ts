// What a user has chosen, kept in this browser.
import { effect, signal } from "@preact/signals";

export interface Preferences {
  theme: "auto" | "light" | "dark";
  zone: "local" | "utc" | "task";
  density: "comfortable" | "compact";
  live: boolean;
  shortcuts: boolean; // of single keys
}

const kPlace = "hourwheel.preferences";
const kDefaults: Preferences = {
  theme: "auto",
  zone: "local",
  density: "comfortable",
  live: true,
  shortcuts: true,
};

function stored(): Preferences {
  try {
    return { ...kDefaults, ...(JSON.parse(localStorage.getItem(kPlace) ?? "{}") as object) };
  } catch {
    return kDefaults; // somebody else's text, or a browser that keeps nothing
  }
}

export const preferences = signal<Preferences>(stored());

export function prefer(changes: Partial<Preferences>): void {
  preferences.value = { ...preferences.value, ...changes };
  try {
    localStorage.setItem(kPlace, JSON.stringify(preferences.value));
  } catch {
    // Kept as long as the page is open.
  }
}

// The one that is shown: what the user has chosen, else the browser's, as it changes.
export const shownTheme = signal<"light" | "dark">("light");

export function applyPreferences(): void {
  const browser = matchMedia("(prefers-color-scheme: dark)");
  const isDark = signal(browser.matches);
  browser.addEventListener("change", () => (isDark.value = browser.matches));
  effect(() => {
    const { theme, density } = preferences.value;
    const shown = theme === "auto" ? (isDark.value ? "dark" : "light") : theme;
    const root = document.documentElement;
    root.dataset["theme"] = shown;
    root.dataset["density"] = density;
    shownTheme.value = shown;
  });
}
