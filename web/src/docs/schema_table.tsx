// The members of a schema, and folded below each those of its own.
import type { ComponentChildren } from "preact";
import { resolved, typeText, type Document, type Schema } from "./openapi.ts";
import { Line } from "./prose.tsx";

const kDeepest = 5;

interface SchemaProps {
  document: Document;
  schema: Schema;
  depth?: number;
}

export function SchemaMembers({ document, schema: given, depth = 0 }: SchemaProps): ComponentChildren {
  const schema = resolved(document, given);
  const parts = [...(schema.allOf ?? []), ...(schema.oneOf ?? []), ...(schema.anyOf ?? [])];
  const own = Object.entries(schema.properties ?? {});
  const inner = schema.items ?? (typeof schema.additionalProperties === "object" ? schema.additionalProperties : undefined);
  if (depth > kDeepest) return null;
  return (
    <>
      {own.length > 0 && (
        <ul class="members">
          {own.map(([name, member]) => (
            <li key={name}>
              <code>{name}</code> <span class="faint">{typeText(member)}</span>
              {schema.required?.includes(name) && <strong> required</strong>}{" "}
              <Line text={resolved(document, member).description} />
              <Within document={document} schema={member} depth={depth} />
            </li>
          ))}
        </ul>
      )}
      {parts.map((part, i) => (
        <SchemaMembers key={i} document={document} schema={part} depth={depth + 1} />
      ))}
      {inner && <SchemaMembers document={document} schema={inner} depth={depth + 1} />}
    </>
  );
}

function Within({ document, schema, depth }: Required<SchemaProps>) {
  if (!hasMembers(document, schema, 0)) return null;
  return (
    <details>
      <summary>members</summary>
      <SchemaMembers document={document} schema={schema} depth={depth + 1} />
    </details>
  );
}

function hasMembers(document: Document, given: Schema, depth: number): boolean {
  const schema = resolved(document, given);
  if (depth > kDeepest) return false;
  if (schema.properties) return true;
  const inner = [...(schema.allOf ?? []), ...(schema.oneOf ?? []), ...(schema.anyOf ?? [])];
  if (schema.items) inner.push(schema.items);
  return inner.some((part) => hasMembers(document, part, depth + 1));
}
