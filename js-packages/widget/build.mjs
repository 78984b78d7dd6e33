// Makes what the wheel of transports-jupyter carries: the loader, and the front end that it fetches.
import { createHash } from "node:crypto";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { build } from "esbuild";

const OUT = new URL(
  "../../packages/transports-jupyter/src/transports_jupyter/static/",
  import.meta.url,
);

/** Leaves out what a client of JSON never loads. */
const jsonAlone = {
  name: "json-alone",
  setup(bundle) {
    bundle.onResolve({ filter: /^\.\/msgpack\.js$/ }, () => ({ path: "none", namespace: "none" }));
    bundle.onLoad({ filter: /.*/, namespace: "none" }, () => ({ contents: "" }));
  },
};

/** Bundle a module, as one file. */
async function bundle(entry, define = {}) {
  const { outputFiles } = await build({
    entryPoints: [new URL(`src/${entry}.ts`, import.meta.url).pathname],
    bundle: true,
    format: "esm",
    target: "es2022",
    minify: true,
    write: false,
    logLevel: "warning",
    define,
    plugins: [jsonAlone],
  });
  return outputFiles[0].text;
}

const frontend = await bundle("frontend");
// Pages tell versions apart by what is in them.
const version = createHash("sha256").update(frontend).digest("hex").slice(0, 12);
const loader = await bundle("loader", { VERSION: JSON.stringify(version) });

await rm(OUT, { recursive: true, force: true });
await mkdir(OUT, { recursive: true });
await writeFile(new URL("frontend.js", OUT), frontend);
await writeFile(new URL("loader.js", OUT), loader);
