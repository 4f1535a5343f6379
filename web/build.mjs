// Makes dist/ from src/: one script, one style sheet, the page that loads them. The same sources and
// the same lock file give the same bytes. The server embeds dist/ when it is built. --watch builds
// again after each change.
import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import esbuild from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, "dist");

// What the page asks for carries its digest, so that a browser may keep it for good.
async function writePage() {
  const digest = async (name) =>
    createHash("sha256").update(await readFile(join(dist, name))).digest("hex").slice(0, 16);
  let page = await readFile(join(here, "src/index.html"), "utf8");
  for (const name of ["app.css", "app.js", "icon.svg"]) {
    page = page.replaceAll(`{${name}}`, `ui/${name}?v=${await digest(name)}`);
  }
  await writeFile(join(dist, "index.html"), page);
}

const options = {
  absWorkingDir: here,
  entryPoints: { app: "src/main.tsx" },
  bundle: true,
  format: "esm",
  target: "es2022",
  jsx: "automatic",
  jsxImportSource: "preact",
  minify: true,
  legalComments: "none",
  outdir: "dist",
  plugins: [
    {
      name: "page",
      setup: (build) => build.onEnd((result) => (result.errors.length > 0 ? undefined : writePage())),
    },
  ],
};

await mkdir(dist, { recursive: true });
await writeFile(join(dist, "icon.svg"), await readFile(join(here, "src/icon.svg")));
if (process.argv.includes("--watch")) {
  await (await esbuild.context(options)).watch();
} else {
  await esbuild.build(options);
}
