// Measures in Node and in Chromium, what is bundled as an application would, and prints the rows as JSON.
//
// node run.mjs [--what apply] [--rounds 15] [--in node,chromium]
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import { chromium } from "playwright-core";

const { values } = parseArgs({
  options: {
    what: { type: "string", default: "apply" },
    rounds: { type: "string", default: "15" },
    in: { type: "string", default: "node,chromium" },
  },
});
const rounds = Number(values.rounds);
const root = join(import.meta.dirname, "../..");

/** Bundle an entry, minified as what pages load. */
async function bundle(name, outdir, platform) {
  const outfile = join(outdir, `${name}.mjs`);
  await build({
    entryPoints: [join(import.meta.dirname, "src", `${name}.ts`)],
    outfile,
    bundle: true,
    minify: true,
    format: platform === "node" ? "esm" : "iife",
    platform,
    target: "es2022",
    logLevel: "warning",
  });
  return outfile;
}

async function inNode(folder) {
  const path = await bundle("node", folder, "node");
  const printed = execFileSync(process.execPath, [path, values.what, String(rounds)], {
    maxBuffer: 1 << 26,
  });
  return [process.versions.node, JSON.parse(printed.toString())];
}

async function inChromium(folder) {
  const path = await bundle("page", folder, "browser");
  const executablePath = process.env.CHROMIUM ?? join(root, ".tools/bin/chromium");
  const quiet = ["background-networking", "component-update", "sync", "quic"];
  const args = ["--no-sandbox", "--no-first-run", ...quiet.map((what) => `--disable-${what}`)];
  const browser = await chromium.launch({ executablePath, args });
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(0);
    await page.addScriptTag({ path });
    const rows = await page.evaluate(
      (asked) => globalThis.measureHere(...asked),
      [values.what, rounds],
    );
    return [browser.version(), rows];
  } finally {
    await browser.close();
  }
}

function versionOf(name) {
  const at = join(import.meta.dirname, "node_modules", name, "package.json");
  return JSON.parse(readFileSync(at, "utf8")).version;
}

const manifest = JSON.parse(readFileSync(join(import.meta.dirname, "package.json"), "utf8"));
const folder = mkdtempSync(join(tmpdir(), "transports-bench-"));
try {
  const peers = Object.keys(manifest.devDependencies);
  const versions = Object.fromEntries(peers.map((name) => [name, versionOf(name)]));
  const all = [];
  for (const where of values.in.split(",")) {
    const [version, rows] = await (where === "node" ? inNode : inChromium)(folder);
    for (const row of rows) {
      const parameters = { ...row.parameters, engine: where };
      all.push({ ...row, parameters, versions: { ...versions, [where]: version } });
    }
  }
  process.stdout.write(`${JSON.stringify(all, null, 1)}\n`);
} finally {
  rmSync(folder, { recursive: true });
}
