// One or several of some words as a filter of a list; it stands in the address.
import { changeQuery, place } from "../place.ts";
import { words } from "./text.ts";

// None chosen is all.
export function ChipFilter({ name, label, of }: { name: string; label: string; of: readonly string[] }) {
  const chosen = new Set((place.value.query.get(name) ?? "").split(",").filter(Boolean));
  const toggle = (word: string) => {
    const next = new Set(chosen);
    if (!next.delete(word)) next.add(word);
    changeQuery({ [name]: of.filter((one) => next.has(one)).join(",") });
  };
  return (
    <fieldset class="chips">
      <legend>{label}</legend>
      {of.map((word) => (
        <button type="button" key={word} aria-pressed={chosen.has(word)} onClick={() => toggle(word)}>
          {words(word)}
        </button>
      ))}
    </fieldset>
  );
}
