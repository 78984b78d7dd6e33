/** Rounds that take turns: each subject takes in the same changes, round after round. */

import { type Clock, type Row, row } from "./rows.js";
import { type Copy, subjects } from "./subjects.js";
import { type Workload, workloads } from "./workloads.js";

/** What readers hold: what was there at first, and what they saw last. */
export const kept: unknown[] = [];
export let last: unknown;

/** Take in a round's changes, and give what each took. */
function round(
  copy: Copy,
  changes: readonly number[],
  workload: Workload,
  readsEach: boolean,
  clock: Clock,
): number {
  const frames = changes.map((at) => copy.frame(workload.change(at)));
  const began = clock();
  for (const frame of frames) {
    copy.take(frame);
    if (readsEach) last = copy.read();
  }
  return (clock() - began) / frames.length;
}

/** Let all subjects of one workload take turns. */
function compare(workload: Workload, readsEach: boolean, rounds: number, clock: Clock): Row[] {
  const fitting = subjects.filter((subject) => subject.suits(workload, readsEach));
  const running = fitting.map((subject) => {
    const copy = subject.open(workload);
    // What is handed out now must not change below.
    kept.push(copy.read());
    // To read a wide object after each change is to copy it each time.
    const copies = readsEach && subject.isImmutable && workload.isWide;
    return { subject, copy, count: copies ? 3 : workload.count, took: [] as number[] };
  });
  // The first round warms up.
  for (let turn = 0; turn <= rounds; turn++) {
    for (const { copy, count, took } of running) {
      const changes = Array.from({ length: count }, (_, at) => turn * count + at);
      const us = round(copy, changes, workload, readsEach, clock);
      if (turn > 0) took.push(us);
    }
  }
  const { name: change, size } = workload;
  const parameters = { change, size, reads: readsEach ? "each" : "first" };
  return running.map(({ subject, took }) => row(parameters, subject.name, took));
}

/** Measure what a change costs each client. */
export function measureApplying(rounds: number, clock: Clock): Row[] {
  return workloads.flatMap((workload) => [
    ...compare(workload, false, rounds, clock),
    ...compare(workload, true, rounds, clock),
  ]);
}
