// How much memory a TypeScript client holds while models come and go: `node --expose-gc heap.mjs
// CLIENT SECONDS`. Prints the bytes held after each of several windows, and how many values of
// models that are gone are still there.
import { pathToFileURL } from "node:url";

const { default: init, Client } = await import(pathToFileURL(process.argv[2]).href);
await init();
const seconds = Number(process.argv[3]);
const WINDOWS = 5;
const ROUNDS = 3_000;

const client = new Client();
let heard = 0;
let revision = 1;
const gone = [];

function receive(...messages) {
  client.recv(JSON.stringify(messages));
}

receive(
  { t: "hello", v: 1, conn: "c", heartbeat: 0 },
  { t: "reset" },
  { t: "snapshot", id: 1, type: "Own", epoch: "own", rev: 1, access: "write", value: { n: 0 } },
);

/** A model is granted, changes, is edited and goes; its own session goes with it. */
function round(id) {
  const epoch = `epoch${id}`;
  const end = client.onChange(() => {
    heard += 1;
  });
  const value = { text: "x".repeat(500), items: [{ n: 1 }, { n: 2 }] };
  receive(
    { t: "remove", id, epoch: "own", rev: ++revision },
    { t: "snapshot", id, type: "Lent", epoch, rev: 1, access: "write", value },
  );
  const ops = [{ op: "add", path: "/items/-", value: { n: 3 } }];
  receive({ t: "patch", id, base: 1, rev: 2, ops });
  if (client.value(id).items.length !== 3) throw new Error("it was not applied");
  if (id % 50 === 0 && gone.length < 100) gone.push(new WeakRef(client.value(id)));
  JSON.parse(client.edit(id, { text: "edited", items: [] }));
  receive(
    { t: "remove", id, epoch, rev: 2, last: true },
    { t: "remove", id, epoch: "own", rev: ++revision },
  );
  end();
  if (client.ids().length !== 1) throw new Error("it did not go");
}

// What is held on to by what runs just now is let go of in between.
const pause = () => new Promise((resolve) => setImmediate(resolve));

const held = [];
let rounds = 0;
const begun = performance.now();
for (let window = 0; window <= WINDOWS; window++) {
  const ends = begun + ((window + 1) / (WINDOWS + 1)) * seconds * 1000;
  let done = 0;
  while (done++ < ROUNDS || performance.now() < ends) {
    round(2 + rounds++);
    if (rounds % 100 === 0) await pause();
  }
  await pause();
  globalThis.gc();
  held.push(process.memoryUsage().heapUsed);
}
const alive = gone.filter((each) => each.deref() !== undefined).length;
const { cursor } = client;
console.log(JSON.stringify({ rounds, held, alive, cursor, heard }));
