// Work that is asked for more often than it is worth doing: one at a time, and not begun more than
// once a second. Who asks meanwhile gets it once more when that is over, however many they are; so it
// ends even under a rain of events, and its end is never older than what was asked last.
const kRestMs = 1_000;

export interface Turns {
  ask: () => void;
  stop: () => void;
}

export function inTurn(work: (signal: AbortSignal) => Promise<void>, restMs = kRestMs): Turns {
  const control = new AbortController();
  let busy = false;
  let onceMore = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const begin = async () => {
    busy = true;
    const begun = performance.now();
    await work(control.signal);
    if (control.signal.aborted) return;
    timer = setTimeout(() => {
      busy = false;
      if (!onceMore) return;
      onceMore = false;
      void begin();
    }, Math.max(0, restMs - (performance.now() - begun)));
  };
  return {
    ask: () => {
      if (busy) onceMore = true;
      else void begin();
    },
    stop: () => {
      clearTimeout(timer);
      control.abort();
    },
  };
}
