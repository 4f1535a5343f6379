// The tasks that were made since a list was loaded. The list, from the oldest on, has them at its end,
// which may be far: when the reader wants them they are asked for one by one, and put at the top if
// they match the list's filter.
import { useEffect, useRef, useState } from "preact/hooks";
import { onChange } from "../api/changes.ts";
import { call, Problem } from "../api/client.ts";
import type { Task } from "../api/types.ts";
import type { Paged } from "../view/paged.ts";
import { plural } from "../view/text.ts";
import { matches, type TaskQuery } from "./filter.ts";

const kMost = 50; // at once, those made last
const kUnknown = ""; // in place of an id: what was not told

interface Offer {
  count: number;
  last: readonly string[]; // ids
}

const kNone: Offer = { count: 0, last: [] };

export function withOne({ count, last }: Offer, id: string): Offer {
  if (last.includes(id)) return { count, last }; // events may be told twice
  return { count: count + 1, last: [...last, id].slice(-kMost) };
}

export function withoutOne(offer: Offer, id: string): Offer {
  if (!offer.last.includes(id)) return offer;
  return { count: offer.count - 1, last: offer.last.filter((one) => one !== id) };
}

export interface Made {
  count: number;
  note: string;
  told: string;
  problem: Error | undefined;
  show: () => void;
}

export function useMade(list: Paged<Task>, query: TaskQuery): Made {
  const key = JSON.stringify(query);
  const [offer, setOffer] = useState(kNone);
  const [told, setTold] = useState("");
  const [problem, setProblem] = useState<Error>();
  useEffect(() => {
    setOffer(kNone);
    setTold("");
    return onChange((change) => {
      if (change.type === "gap") {
        const isFresh = list.refresh();
        setOffer((before) => (isFresh ? kNone : withOne(before, kUnknown)));
      } else if (change.type === "task.created") {
        setOffer((before) => withOne(before, change.task.id));
      } else if (change.type === "task.deleted") {
        setOffer((before) => withoutOne(before, change.task.id));
      }
    });
  }, [key]);
  const current = useRef(key);
  current.current = key;
  const show = async () => {
    setOffer(kNone);
    setProblem(undefined);
    if (offer.last.includes(kUnknown)) return list.again();
    try {
      const found = (await Promise.all(offer.last.map(taskOf))).filter((task) => task !== undefined);
      if (current.current !== key) return;
      const fitting = found.filter((task) => matches(task, query)).reverse();
      list.setRows((before) => {
        const there = new Set(before.map((task) => task.id));
        return [...fitting.filter((task) => !there.has(task.id)), ...before];
      });
      setTold(`${plural(fitting.length, "new task")} ${fitting.length === 1 ? "is" : "are"} shown first.`);
    } catch (error) {
      setOffer(offer);
      setProblem(error as Error);
    }
  };
  const there = new Set(list.rows.map((task) => task.id));
  const count = offer.count - offer.last.filter((id) => there.has(id)).length;
  const which = count > kMost ? `those of the last ${kMost} that match` : "those that match";
  const note = key !== "{}" ? which : count > kMost ? `the last ${kMost}` : "";
  return { count, note, told, problem, show: () => void show() };
}

// None: deleted since.
async function taskOf(id: string): Promise<Task | undefined> {
  try {
    return (await call<Task>("GET", `/v1/tasks/${encodeURIComponent(id)}`)).body;
  } catch (error) {
    if (error instanceof Problem && error.status === 404) return undefined;
    throw error;
  }
}
