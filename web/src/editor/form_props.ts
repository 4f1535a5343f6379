import type { FieldProblem } from "../api/client.ts";
import type { Form } from "./definition.ts";

// What every part of the form gets. A change names the field, whose complaints are then over.
export interface FormProps {
  form: Form;
  change: (form: Form, pointer: string) => void;
  errors: readonly FieldProblem[];
}
