// What it costs to take in one change, beside fast-json-patch and immer, as ratios. Not a test.
//
// Each round applies the same frames, text as it arrives, to a fresh mirror of each kind; the rounds of
// all kinds are interleaved, and the medians of their CPU times compared. "read" hands the value out
// before each round (the first change of each container then copies it), "read each" after each frame.
// fast-json-patch changes the document that it is given; immer gives immutable values, as we do.
//
// Build first: pnpm build && pnpm bench
import { createRequire } from "node:module";
import { decodeFrame, getCodec } from "../dist/codecs.js";
import { Mirror } from "../dist/mirror.js";

const print = (line) => process.stdout.write(`${line}\n`);
const require = createRequire(import.meta.url);
const { applyPatch } = require("fast-json-patch");

/** immer is measured where it is installed. */
async function findImmer() {
  try {
    return await import("immer");
  } catch {
    return undefined;
  }
}

const immer = await findImmer();
const json = getCodec("json");
const ROUNDS = 15;

function flat(count) {
  return Object.fromEntries(Array.from({ length: count }, (_, at) => [`key${at}`, at]));
}

function nested(count) {
  const row = (at) => Object.fromEntries(Array.from({ length: 10 }, (_, x) => [`f${x}`, at * x]));
  return { rows: Array.from({ length: count / 10 }, (_, at) => row(at)) };
}

/** Give frames of a change each, all over a model. */
function frames(count, path) {
  return Array.from({ length: count }, (_, at) =>
    JSON.stringify({
      t: "patch",
      id: 1,
      base: at,
      rev: at + 1,
      ops: [{ op: "replace", path: path(at), value: -at - 1 }],
    }),
  );
}

function ours(text, { read, readEach } = {}) {
  const mirror = new Mirror();
  const snapshot = `{"t":"snapshot","id":1,"type":"M","epoch":"e","rev":0,"access":"read","value":${text}}`;
  mirror.receive(() => decodeFrame(json, snapshot));
  const { document } = mirror.copy(1);
  if (read) document.value;
  return (frame) => {
    mirror.receive(() => decodeFrame(json, frame));
    if (readEach) document.value;
  };
}

function fastJsonPatch(text) {
  const document = JSON.parse(text);
  return (frame) => applyPatch(document, JSON.parse(frame).ops, false, true);
}

function withImmer(text) {
  let state = JSON.parse(text);
  immer.setAutoFreeze(false);
  return (frame) => {
    for (const { path, value } of JSON.parse(frame).ops) {
      const tokens = path.split("/").slice(1);
      const last = tokens.pop();
      state = immer.produce(state, (draft) => {
        tokens.reduce((inner, token) => inner[token], draft)[last] = value;
      });
    }
  };
}

function bare(text) {
  const document = JSON.parse(text);
  return (frame) => {
    const [{ path, value }] = JSON.parse(frame).ops;
    const tokens = path.split("/");
    let inner = document;
    for (let at = 1; at < tokens.length - 1; at++) inner = inner[tokens[at]];
    inner[tokens[tokens.length - 1]] = value;
  };
}

function cpuUs() {
  const { user, system } = process.cpuUsage();
  return user + system;
}

function measure(model, count, path, kinds) {
  const text = JSON.stringify(model);
  const sent = frames(count, path);
  const times = new Map(Object.keys(kinds).map((name) => [name, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, make] of Object.entries(kinds)) {
      const take = make(text);
      // From where the frames that are measured go on.
      take(sent[0]);
      const began = cpuUs();
      for (let at = 1; at < count; at++) take(sent[at]);
      times.get(name).push((cpuUs() - began) / (count - 1));
    }
  }
  const median = (list) => list.sort((a, b) => a - b)[ROUNDS >> 1];
  return new Map([...times].map(([name, list]) => [name, median(list)]));
}

function report(title, result) {
  const peer = result.get("fast-json-patch");
  print(`\n${title}`);
  for (const [name, us] of result) {
    print(
      `  ${name.padEnd(18)} ${us.toFixed(2).padStart(9)} us ${(us / peer).toFixed(2).padStart(8)}`,
    );
  }
}

const kinds = {
  ours: (text) => ours(text),
  "ours, read": (text) => ours(text, { read: true }),
  "fast-json-patch": fastJsonPatch,
  limit: bare,
};
const eachRead = {
  "ours, read each": (text) => ours(text, { readEach: true }),
  ...(immer && { immer: withImmer }),
};

print("one change taken in; the last column: times what fast-json-patch needs");
report(
  "flat, 10",
  measure(flat(10), 20_000, (at) => `/key${at % 10}`, { ...kinds, ...eachRead }),
);
report(
  "flat, 100,000",
  measure(flat(100_000), 20_000, (at) => `/key${(at * 7) % 100_000}`, kinds),
);
report(
  "nested, 100,000",
  measure(nested(100_000), 20_000, (at) => `/rows/${(at * 7) % 10_000}/f3`, {
    ...kinds,
    ...eachRead,
  }),
);
const few = { ...eachRead, "fast-json-patch": fastJsonPatch };
report(
  "flat, 100,000, read after each",
  measure(flat(100_000), 20, (at) => `/key${at}`, few),
);
