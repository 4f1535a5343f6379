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

export function applyPreferences(): void {
  effect(() => {
    const { theme, density } = preferences.value;
    const root = document.documentElement;
    root.dataset["theme"] = theme;
    root.dataset["density"] = density;
  });
}
