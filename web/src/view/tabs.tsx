// One of a few, by buttons.
interface TabsProps<Name extends string> {
  label: string;
  names: readonly (readonly [Name, string])[];
  chosen: Name;
  choose: (name: Name) => void;
}

export function Tabs<Name extends string>({ label, names, chosen, choose }: TabsProps<Name>) {
  return (
    <div class="tabs" role="group" aria-label={label}>
      {names.map(([name, title]) => (
        <button key={name} type="button" aria-pressed={name === chosen} onClick={() => choose(name)}>
          {title}
        </button>
      ))}
    </div>
  );
}
