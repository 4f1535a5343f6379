// Fields that belong together, folded unless one holds something unusual or is wrong.
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { applies, hasUnusual } from "./definition.ts";
import { errorAt } from "./errors.ts";
import { FieldView } from "./field_view.tsx";
import { type Group, kFields } from "./fields.ts";
import type { FormProps } from "./form_props.ts";

interface FieldsProps extends FormProps {
  group: Group;
  fixed?: readonly string[];
}

export function Fields({ group, fixed = [], ...props }: FieldsProps) {
  return (
    <div class="fields">
      {kFields
        .filter((field) => field.group === group && applies(props.form, field))
        .map((field) => (
          <FieldView key={field.pointer} {...props} field={field} fixed={fixed.includes(field.pointer)} />
        ))}
    </div>
  );
}

export function FieldGroup({ title, group, ...props }: FieldsProps & { title: string }) {
  const fields = kFields.filter((field) => field.group === group && applies(props.form, field));
  const wrong = fields.some((field) => errorAt(props.errors, field.pointer) !== undefined);
  if (fields.length === 0) return null;
  return (
    <Folded title={title} wrong={wrong} filled={hasUnusual(props.form, group)}>
      <Fields group={group} {...props} />
    </Folded>
  );
}

interface FoldedProps {
  title: string;
  wrong: boolean;
  filled: boolean;
  children: ComponentChildren;
}

export function Folded({ title, wrong, filled, children }: FoldedProps) {
  const [open, setOpen] = useState(wrong || filled);
  useEffect(() => {
    if (wrong) setOpen(true);
  }, [wrong]);
  return (
    <details open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        {title}
        {filled && !open && <span class="faint"> (set)</span>}
      </summary>
      {children}
    </details>
  );
}
