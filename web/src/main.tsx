// The page: what is always there (navigation, who asks, whether it is live), and the page that the
// address names.
import "uplot/dist/uPlot.min.css";
import "./style.css";
import { render } from "preact";
import { startChanges } from "./api/changes.ts";
import { followAddress } from "./place.ts";
import { startClock } from "./state/clock.ts";
import { applyPreferences } from "./state/preferences.ts";
import { loadSession } from "./state/session.ts";
import { Shell } from "./shell.tsx";

applyPreferences();
followAddress();
startClock();
startChanges();
void loadSession().then(() => {
  const root = document.getElementById("app");
  if (root) render(<Shell />, root);
});
