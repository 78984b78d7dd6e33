/** What is measured: values, and changes of them that come one after another. */

import type { Value } from "@1kbgz/transports";

/** One change: an operation of ours, from which each subject makes what it would receive. */
export interface Change {
  readonly op: "replace" | "append";
  /** The keys and positions that lead to the place. */
  readonly way: readonly (string | number)[];
  readonly value: number | string;
}

/** Changes of one value. */
export interface Workload {
  readonly name: string;
  /** How many leaves the value has; of text, how many characters. */
  readonly size: number;
  /** How many changes a round takes. */
  readonly count: number;
  /** Whether one of its objects has nearly all of it. */
  readonly isWide: boolean;
  start(): Value;
  /** Give change number `at`. */
  change(at: number): Change;
}

function flat(size: number): Workload {
  return {
    name: "flat",
    size,
    count: 5_000,
    isWide: size > 10,
    start: () => Object.fromEntries(Array.from({ length: size }, (_, at) => [`key${at}`, at])),
    change: (at) => ({ op: "replace", way: [`key${(at * 7) % size}`], value: -at - 1 }),
  };
}

function nested(size: number): Workload {
  const rows = size / 10;
  const row = (at: number) =>
    Object.fromEntries(Array.from({ length: 10 }, (_, field) => [`f${field}`, at * field]));
  return {
    name: "nested",
    size,
    count: 5_000,
    isWide: false,
    start: () => ({ rows: Array.from({ length: rows }, (_, at) => row(at)) }),
    change: (at) => ({ op: "replace", way: ["rows", (at * 7) % rows, "f3"], value: -at - 1 }),
  };
}

function text(size: number): Workload {
  return {
    name: "text",
    size,
    // Enough for a browser's clock.
    count: 300,
    isWide: false,
    start: () => ({ text: "word ".repeat(size / 5) }),
    change: (at) => ({ op: "append", way: ["text"], value: ` token${at % 10}` }),
  };
}

export const workloads: readonly Workload[] = [
  flat(10),
  flat(100_000),
  nested(100_000),
  text(100_000),
];
