/** Who is measured: how each takes in a change as it arrives, and hands out its value. */

import { Client, type Value } from "@1kbgz/transports";
import { applyPatch, type Operation as StandardOperation } from "fast-json-patch";
import { produce, setAutoFreeze } from "immer";
import * as Y from "yjs";
import type { Change, Workload } from "./workloads.js";

/** What arrives. */
type Frame = string | Uint8Array;

/** One client's copy of a value. */
export interface Copy {
  /** Make what a server would send; not measured. */
  frame(change: Change): Frame;
  take(frame: Frame): void;
  /** Hand out the value. */
  read(): unknown;
}

/** A way to keep a copy. */
export interface Subject {
  readonly name: string;
  /** Whether what it hands out never changes afterwards. */
  readonly isImmutable: boolean;
  /** Whether it can be asked to take in this. */
  suits(workload: Workload, readsEach: boolean): boolean;
  open(workload: Workload): Copy;
}

type Container = Record<string | number, unknown>;

/** Make the envelope and the operations that all but Yjs receive. */
function framer(spell: (change: Change) => Change["value"] = ({ value }) => value) {
  let base = 0;
  return (change: Change): string => {
    const op = { op: change.op, path: `/${change.way.join("/")}`, value: spell(change) };
    return JSON.stringify({ t: "patch", id: 1, base, rev: ++base, ops: [op] });
  };
}

/** Write what an operation says, and look at nothing else. */
function write(root: unknown, { op, path, value }: Readonly<Record<string, string>>): void {
  const way = (path as string).split("/");
  const last = way.pop() as string;
  let parent = root as Container;
  for (let at = 1; at < way.length; at++) parent = parent[way[at] as string] as Container;
  parent[last] = op === "append" ? (parent[last] as string) + value : value;
}

/** Make frames for those who have no `append`: they are sent the whole text. */
function standardFramer(workload: Workload): (change: Change) => string {
  let whole = String((workload.start() as Container)["text"] ?? "");
  const frame = framer(({ op, value }) => {
    if (op === "append") whole += value;
    return op === "append" ? whole : value;
  });
  return (change) => frame({ ...change }).replace('"op":"append"', '"op":"replace"');
}

const everything = (): boolean => true;

const ours: Subject = {
  name: "ours",
  isImmutable: true,
  suits: everything,
  open(workload) {
    const client = new Client();
    const [epoch, value] = ["e", workload.start()];
    const snapshot = { t: "snapshot", id: 1, type: "M", epoch, rev: 0, access: "read", value };
    client.recv(JSON.stringify([{ t: "hello", v: 1, conn: "c", heartbeat: 0 }, snapshot]));
    return {
      frame: framer(),
      take(frame) {
        client.recv(frame);
      },
      read: () => client.value(1),
    };
  },
};

/** The least: it looks at nothing, and writes into its only copy. */
const limit: Subject = {
  name: "limit",
  isImmutable: false,
  suits: everything,
  open(workload) {
    const root = workload.start();
    return {
      frame: framer(),
      take(frame) {
        write(root, JSON.parse(frame as string).ops[0]);
      },
      read: () => root,
    };
  },
};

const fastJsonPatch: Subject = {
  name: "fast-json-patch",
  isImmutable: false,
  suits: everything,
  open(workload) {
    const root = workload.start();
    return {
      frame: standardFramer(workload),
      take(frame) {
        applyPatch(root, JSON.parse(frame as string).ops as StandardOperation[]);
      },
      read: () => root,
    };
  },
};

const immer: Subject = {
  name: "immer",
  isImmutable: true,
  // A change of a wide object copies it, whether or not anybody looks.
  suits: ({ isWide }, readsEach) => readsEach || !isWide,
  open(workload) {
    setAutoFreeze(false);
    let root = workload.start();
    return {
      frame: framer(),
      take(frame) {
        const [op] = JSON.parse(frame as string).ops;
        root = produce(root, (draft) => write(draft, op));
      },
      read: () => root,
    };
  },
};

type Shared = null | number | string | Y.Array<Shared> | Y.Map<Shared>;

/** Put a value into a shared type, as shared types. */
function share(value: Value): Shared {
  if (typeof value === "bigint" || typeof value === "boolean") return Number(value);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return Y.Array.from<Shared>(value.map(share));
  return new Y.Map(Object.entries(value).map(([key, item]) => [key, share(item)]));
}

const yjs: Subject = {
  name: "yjs",
  isImmutable: true,
  // What it hands out is made anew, all of it.
  suits: ({ size }, readsEach) => !readsEach || size <= 10,
  open(workload) {
    const author = new Y.Doc();
    const root = author.getMap("root");
    for (const [key, item] of Object.entries(workload.start() as Record<string, Value>)) {
      root.set(key, workload.name === "text" ? new Y.Text(item as string) : share(item));
    }
    const mirror = new Y.Doc();
    Y.applyUpdate(mirror, Y.encodeStateAsUpdate(author));
    let update: Uint8Array = new Uint8Array();
    author.on("update", (bytes: Uint8Array) => {
      update = bytes;
    });
    return {
      frame({ op, way, value }) {
        let parent: unknown = root;
        const last = way[way.length - 1] as string;
        for (const token of op === "append" ? way : way.slice(0, -1)) {
          parent = (parent as Y.Map<unknown>).get(token as string);
        }
        if (op === "append") (parent as Y.Text).insert((parent as Y.Text).length, String(value));
        else (parent as Y.Map<unknown>).set(last, value);
        return update;
      },
      take: (frame) => Y.applyUpdate(mirror, frame as Uint8Array),
      read: () => mirror.getMap("root").toJSON(),
    };
  },
};

export const subjects: readonly Subject[] = [ours, limit, fastJsonPatch, immer, yjs];
