// Loads a module of src/ in Node, which does not read TypeScript: bundled in memory, imported from
// a data: address.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import esbuild from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

// The exports of all of them; `paths` are below src/.
export async function load(...paths) {
  const result = await esbuild.build({
    absWorkingDir: root,
    stdin: {
      contents: paths.map((path) => `export * from "./src/${path}";`).join("\n"),
      resolveDir: root,
      loader: "ts",
    },
    bundle: true,
    write: false,
    format: "esm",
    target: "es2022",
    jsx: "automatic",
    jsxImportSource: "preact",
  });
  const source = Buffer.from(result.outputFiles[0].contents).toString("base64");
  return import(`data:text/javascript;base64,${source}`);
}
