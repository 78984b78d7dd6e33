// Makes what a page without a bundler loads: dist/transports.js, and beside it what that loads on demand.
import { build } from "esbuild";

const CODEC = "./transports-msgpack.js";

/** Leaves what is loaded on demand in a file of its own. */
const onDemand = {
  name: "on-demand",
  setup(bundle) {
    bundle.onResolve({ filter: /^\.\/msgpack\.js$/ }, () => ({ path: CODEC, external: true }));
  },
};

const common = { bundle: true, format: "esm", target: "es2022", minify: true, logLevel: "warning" };

await build({
  ...common,
  entryPoints: ["src/index.ts"],
  outfile: "dist/transports.js",
  plugins: [onDemand],
});
await build({ ...common, entryPoints: ["src/msgpack.ts"], outfile: `dist/${CODEC}` });
