/**
 * How one list became another: which items it kept, and the operations that do the rest.
 *
 * What it costs grows with the length of the lists, however much they differ.
 */

import { stringify } from "./json.js";
import type { Operation } from "./operation.js";
import { isContainer, type List, type Value } from "./values.js";

/** Adds the operations that make the new value of the old one at a place. */
type Change = (path: string, old: Value, next: Value, ops: Operation[]) => void;

/**
 * Add the operations that make the new list of the old one.
 *
 * In this order, so that each position is what it is at that moment: what was changed within; what
 * was removed, from the end; what was moved; what was added, from the start.
 */
export function transition(
  path: string,
  old: List,
  next: List,
  ops: Operation[],
  change: Change,
): void {
  const at = (position: number) => `${path}/${position}`;
  const before = ops.length;
  const gone = new Set(old.keys());
  // The old position of each new item; `NaN` where there is none.
  const sources = match(old, next, gone);
  next.forEach((value, to) => {
    // What follows a kept item in both lists is one item, changed.
    const source = (sources[to - 1] ?? -1) + 1;
    if (Number.isNaN(sources[to]) && gone.delete(source)) {
      sources[to] = source;
      change(at(source), old[source] as Value, value, ops);
    }
  });
  for (const source of [...gone].reverse()) ops.push({ op: "remove", path: at(source) });
  const order = sources.filter((source) => source >= 0);
  if (order.some((source, to) => source < (order[to - 1] ?? 0))) {
    const sorted = [...order].sort((a, b) => a - b);
    const ranks = new Map(sorted.map((source, rank) => [source, rank]));
    ops.push({ op: "reorder", path, order: order.map((source) => ranks.get(source) as number) });
  }
  // What is new behind all that was kept goes at once.
  let kept = next.length;
  while (kept > 0 && Number.isNaN(sources[kept - 1])) kept--;
  next.slice(0, kept).forEach((value, to) => {
    if (Number.isNaN(sources[to])) ops.push({ op: "add", path: at(to), value });
  });
  if (kept < next.length) ops.push({ op: "append", path, value: next.slice(kept) });
  // A list of scalars is sent whole where that is less. Of others, the items are to stay what they are.
  const own = ops.slice(before) as unknown as List;
  if (own.length > 1 && !next.some(isContainer) && stringify(own).length > stringify(next).length) {
    ops.splice(before, own.length, { op: "replace", path, value: next });
  }
}

/** Find for each new item an equal old one, each of these once, and take that from those gone. */
function match(old: List, next: List, gone: Set<number>): number[] {
  const texts = old.map(stringify);
  const places = new Map<string, number[]>();
  // From the end, so that the first place of each is popped first.
  for (const at of [...gone].reverse()) {
    const text = texts[at] as string;
    const known = places.get(text);
    if (known) known.push(at);
    else places.set(text, [at]);
  }
  const sources: number[] = [];
  for (const item of next) {
    const text = stringify(item);
    let source = (sources.at(-1) ?? -1) + 1;
    // Of equal items, first of all the one that follows what was kept before it.
    if (texts[source] !== text || !gone.has(source)) {
      do source = places.get(text)?.pop() ?? Number.NaN;
      while (source >= 0 && !gone.has(source));
    }
    gone.delete(source);
    sources.push(source);
  }
  return sources;
}
