// One request of the API, unfolded: what it takes, what it answers, and a command that asks it.
import { Copyable } from "../view/notice.tsx";
import { commandOf, examplesOf, resolved, typeText, type Content, type Document, type Parameter, type Route } from "./openapi.ts";
import { Line, Prose } from "./prose.tsx";
import { SchemaMembers } from "./schema_table.tsx";

export function OperationDetails({ document, route }: { document: Document; route: Route }) {
  const { about } = route;
  return (
    <div class="operation">
      <Prose text={about.description} />
      <h4>Ask it</h4>
      <Copyable text={commandOf(document, route)} />
      {route.parameters.length > 0 && <Parameters parameters={route.parameters} />}
      {about.requestBody && (
        <>
          <h4>Body</h4>
          <Contents document={document} content={resolved(document, about.requestBody)} />
        </>
      )}
      <h4>Answers</h4>
      {Object.entries(about.responses ?? {}).map(([status, response]) => (
        <Answer key={status} document={document} status={status} content={resolved(document, response)} />
      ))}
    </div>
  );
}

function Parameters({ parameters }: { parameters: Parameter[] }) {
  return (
    <>
      <h4>Parameters</h4>
      <div class="wide" tabIndex={0} role="region" aria-label="Parameters">
        <table>
          <caption class="hidden">Parameters</caption>
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">In</th>
              <th scope="col">Type</th>
              <th scope="col">What</th>
            </tr>
          </thead>
          <tbody>
            {parameters.map((one) => (
              <tr key={`${one.in} ${one.name}`}>
                <th scope="row">
                  <code>{one.name}</code>
                  {one.required && " required"}
                </th>
                <td>{one.in}</td>
                <td class="what">
                  {one.schema && typeText(one.schema)}
                  {one.schema?.default !== undefined && `, ${JSON.stringify(one.schema.default)} without it`}
                </td>
                <td class="what">
                  <Line text={one.description} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function Answer({ document, status, content }: { document: Document; status: string; content: Content }) {
  const title = (
    <>
      <strong>{status}</strong> <Line text={content.description} />
    </>
  );
  if (!content.content) return <p>{title}</p>;
  return (
    <details>
      <summary>{title}</summary>
      <Contents document={document} content={content} />
    </details>
  );
}

function Contents({ document, content }: { document: Document; content: Content }) {
  return (
    <>
      {Object.entries(content.content ?? {}).map(([type, media]) => (
        <div key={type}>
          <p class="faint">
            <code>{type}</code>
          </p>
          {media.schema && <Prose text={resolved(document, media.schema).description} />}
          {media.schema && <SchemaMembers document={document} schema={media.schema} />}
          {examplesOf(document, media).map((example) => (
            <details key={example.title}>
              <summary>{example.title}</summary>
              <Copyable text={example.text} />
            </details>
          ))}
        </div>
      ))}
    </>
  );
}
