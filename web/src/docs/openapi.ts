// The API's description (OpenAPI 3.1), read for people: what may be asked, a sample of what goes and
// comes, and the command that asks it.
import { urlOf } from "../api/client.ts";
import { session } from "../state/session.ts";
import { curlOf } from "../view/curl.ts";

export interface Schema {
  $ref?: string;
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  format?: string;
  description?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  additionalProperties?: boolean | Schema;
  oneOf?: Schema[];
  anyOf?: Schema[];
  allOf?: Schema[];
  minimum?: number;
  maximum?: number;
  default?: unknown;
  example?: unknown;
}
export interface Media {
  schema?: Schema;
  example?: unknown;
  examples?: Record<string, { summary?: string; value?: unknown }>;
}
export interface Parameter {
  $ref?: string;
  name: string;
  in: string;
  required?: boolean;
  description?: string;
  schema?: Schema;
}
export interface Content {
  $ref?: string;
  description?: string;
  content?: Record<string, Media>;
}
export interface Operation {
  tags?: string[];
  operationId: string;
  summary?: string;
  description?: string;
  parameters?: Parameter[];
  requestBody?: Content;
  responses?: Record<string, Content>;
  security?: Record<string, unknown>[];
}
export interface Document {
  info: { title: string; version: string; description?: string };
  tags?: { name: string; description?: string }[];
  paths: Record<string, Record<string, unknown>>;
}
export interface Route {
  method: string;
  path: string;
  tag: string;
  parameters: Parameter[];
  about: Operation;
}

const kMethods = ["get", "post", "put", "patch", "delete"];
const kDeepest = 6; // of samples and tables: some schemas name themselves

// What a $ref leads to, with what stands beside it.
export function resolved<T extends { $ref?: string }>(document: Document, node: T): T {
  if (!node.$ref?.startsWith("#/")) return node;
  let found: unknown = document;
  for (const part of node.$ref.slice(2).split("/")) {
    found = (found as Record<string, unknown> | undefined)?.[part.replaceAll("~1", "/").replaceAll("~0", "~")];
  }
  const { $ref: _, ...beside } = node;
  return { ...resolved(document, (found ?? {}) as T), ...beside };
}

function refName(ref: string | undefined): string {
  return ref?.split("/").pop() ?? "";
}

export function routesOf(document: Document): Route[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    kMethods.flatMap((method): Route[] => {
      const about = item[method] as Operation | undefined;
      if (!about) return [];
      const shared = (item["parameters"] ?? []) as Parameter[];
      const parameters = [...shared, ...(about.parameters ?? [])].map((one) => resolved(document, one));
      return [{ method: method.toUpperCase(), path, tag: about.tags?.[0] ?? "other", parameters, about }];
    }),
  );
}

export function typeText(schema: Schema): string {
  if (schema.$ref) return refName(schema.$ref);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  const several = schema.oneOf ?? schema.anyOf;
  if (several) return several.map(typeText).join(" or ");
  if (schema.allOf) return schema.allOf.map(typeText).join(" and ");
  if (schema.items) return `array of ${typeText(schema.items)}`;
  const type = [schema.type ?? "any"].flat().join(" or ");
  const bounds = [schema.minimum !== undefined && `from ${schema.minimum}`, schema.maximum !== undefined && `to ${schema.maximum}`];
  return [type, schema.format && `(${schema.format})`, ...bounds].filter(Boolean).join(" ");
}

// Something of the schema's shape, where the description gives no example.
export function sampleOf(document: Document, given: Schema, depth = 0): unknown {
  const schema = resolved(document, given);
  if (schema.example !== undefined) return schema.example;
  if (schema.const !== undefined) return schema.const;
  if (schema.default !== undefined) return schema.default;
  if (schema.enum) return schema.enum[0];
  if (depth >= kDeepest) return null;
  const one = schema.oneOf ?? schema.anyOf;
  if (one) return one[0] ? sampleOf(document, one[0], depth + 1) : null;
  if (schema.allOf) {
    return Object.assign({}, ...schema.allOf.map((part) => sampleOf(document, part, depth + 1)));
  }
  if (schema.properties) {
    return Object.fromEntries(
      Object.entries(schema.properties).map(([name, part]) => [name, sampleOf(document, part, depth + 1)]),
    );
  }
  if (schema.items) return [sampleOf(document, schema.items, depth + 1)];
  return plainSample(schema);
}

function plainSample(schema: Schema): unknown {
  const type = [schema.type ?? "object"].flat()[0];
  if (type === "string") return schema.format === "date-time" ? "2030-01-01T00:00:00Z" : "…";
  if (type === "integer" || type === "number") return schema.minimum ?? 1;
  if (type === "boolean") return true;
  if (type === "array") return [];
  return {};
}

function exampleText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}

export interface Example {
  title: string;
  text: string;
}

export function examplesOf(document: Document, media: Media): Example[] {
  if (media.example !== undefined) return [{ title: "Example", text: exampleText(media.example) }];
  if (media.examples) {
    return Object.entries(media.examples).map(([name, { summary, value }]) => ({
      title: summary ?? name,
      text: exampleText(value),
    }));
  }
  if (!media.schema) return [];
  return [{ title: "Its shape", text: exampleText(sampleOf(document, media.schema)) }];
}

// The command that asks it: what is required of the query, and the first example as its body.
export function commandOf(document: Document, route: Route): string {
  const path = route.path.replace(/\{(\w+)\}/g, (_, name: string) => name.toUpperCase());
  const query = route.parameters
    .filter((one) => one.required && one.in === "query")
    .map((one) => [one.name, String(one.schema ? sampleOf(document, one.schema) : "…")]);
  const open = route.about.security?.some((one) => Object.keys(one).length === 0);
  const content = route.about.requestBody && resolved(document, route.about.requestBody).content;
  const [type, media] = Object.entries(content ?? {})[0] ?? [];
  return curlOf({
    method: route.method,
    url: urlOf(path, Object.fromEntries(query) as Record<string, string>),
    type,
    body: media && examplesOf(document, media)[0]?.text,
    withKey: session.value?.keys_required === true && !open,
  });
}

// Whether the route has each word of what is looked for.
export function matches(route: Route, search: string): boolean {
  const text = [route.method, route.path, route.tag, route.about.operationId, route.about.summary, route.about.description]
    .join(" ")
    .toLowerCase();
  return search.toLowerCase().split(/\s+/).every((word) => text.includes(word));
}
