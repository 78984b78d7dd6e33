import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { expect, it } from "vitest";

const LIMIT = 6_000;

/** Bundle what a page imports, as its author would, and measure what its visitors load at first. */
async function size(page: string): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents: page, resolveDir: import.meta.dirname, loader: "ts" },
    bundle: true,
    format: "esm",
    target: "es2022",
    minify: true,
    write: false,
    // What is loaded on demand is not loaded at first.
    external: ["../src/msgpack.js", "./msgpack.js"],
  });
  return gzipSync(outputFiles[0]?.contents ?? "", { level: 9 }).length;
}

it("[client.small] a page that speaks JSON loads less than 6 kB", async () => {
  expect(await size('export { Client, fromValue, toValue } from "../src/index.ts";')).toBeLessThan(
    LIMIT,
  );
});

it("[client.small] MessagePack is not in it", async () => {
  const json = await size('export { Client } from "../src/index.ts";');
  const both = await size(
    'export { Client } from "../src/index.ts"; export * from "@msgpack/msgpack";',
  );
  expect(both - json).toBeGreaterThan(4_000);
});
