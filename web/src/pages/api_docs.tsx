// The API as its own description tells it: what may be asked, by group, folded and searched.
import { call, urlOf } from "../api/client.ts";
import { changeQuery } from "../place.ts";
import { useLoad } from "../view/load.ts";
import { Empty, Loading, ProblemNotice } from "../view/notice.tsx";
import { matches, routesOf, type Document, type Route } from "../docs/openapi.ts";
import { OperationDetails } from "../docs/operation.tsx";
import { Line, Prose } from "../docs/prose.tsx";
import { queried, QueryField } from "../view/query_field.tsx";
import { plural } from "../view/text.ts";
import "../styles/api_docs.css";

export function ApiDocs() {
  const loaded = useLoad(async (signal) => (await call<Document>("GET", "/openapi.json", { signal })).body, "openapi");
  const { value: document, problem } = loaded;
  return (
    <>
      <h1>API</h1>
      <p>
        This page does nothing that this API does not allow. The same <a href={urlOf("/docs")}>as a page without scripts</a>
        , and for machines: <a href={urlOf("/openapi.yaml")}>openapi.yaml</a>,{" "}
        <a href={urlOf("/openapi.json")}>openapi.json</a>.
      </p>
      {problem && <ProblemNotice problem={problem} retry={loaded.again} />}
      {!document && !problem && <Loading what="the API's description" />}
      {document && <Described document={document} />}
    </>
  );
}

function Described({ document }: { document: Document }) {
  const search = queried("q");
  const routes = routesOf(document).filter((route) => matches(route, search));
  const known = document.tags ?? [];
  const others = [...new Set(routes.map((route) => route.tag))].filter((tag) => !known.some(({ name }) => name === tag));
  const tags = [...known, ...others.map((name) => ({ name, description: undefined }))];
  return (
    <>
      <details>
        <summary>
          Rules of all requests ({document.info.title} {document.info.version})
        </summary>
        <Prose text={document.info.description} />
      </details>
      <div class="fields" role="search">
        <QueryField name="q" label="Search" hint="path, method or any word of the description" search />
      </div>
      <p class="faint" aria-live="polite">
        {plural(routes.length, "request")}
        {search ? " match" : ""}
      </p>
      {routes.length === 0 && (
        <Empty command={`curl '${urlOf("/openapi.yaml")}'`}>No request of the API matches. The whole description:</Empty>
      )}
      {tags.map(({ name, description }) => (
        <Group
          key={name}
          document={document}
          name={name}
          about={description}
          routes={routes.filter((route) => route.tag === name)}
        />
      ))}
    </>
  );
}

interface GroupProps {
  document: Document;
  name: string;
  about: string | undefined;
  routes: Route[];
}

function Group({ document, name, about, routes }: GroupProps) {
  if (routes.length === 0) return null;
  return (
    <section>
      <h2>{name === "seed" ? "The simple shape" : name}</h2>
      <p class="faint">
        <Line text={about} />
      </p>
      {routes.map((route) => (
        <RouteLine key={route.about.operationId} document={document} route={route} />
      ))}
    </section>
  );
}

// The one that was unfolded last stands in the address, and is unfolded by it.
function RouteLine({ document, route }: { document: Document; route: Route }) {
  const id = route.about.operationId;
  const open = queried("op") === id;
  const toggle = (event: Event) => {
    event.preventDefault();
    changeQuery({ op: open ? undefined : id });
  };
  return (
    <details class="route" open={open}>
      <summary onClick={toggle}>
        <strong>{route.method}</strong> <code>{route.path}</code> <span class="faint">{route.about.summary}</span>
      </summary>
      {open && (
        <>
          <h3 class="hidden">{route.about.summary}</h3>
          <OperationDetails document={document} route={route} />
        </>
      )}
    </details>
  );
}
