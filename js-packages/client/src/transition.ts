/**
 * How one list became another: which items it kept, and the operations that do the rest.
 *
 * What it costs grows with the length of the lists, however much they differ.
 */

import { stringify } from "./json.js";
import type { Operation } from "./operation.js";
import { isContainer, type List, type Value } from "./values.js";

/** Gives the operations that make the new value of the old one at a place. */
type Diff = (old: Value, next: Value, path: string) => Operation[];

/**
 * Give the operations that make the new list of the old one.
 *
 * In this order, so that each position is what it is at that moment: what was changed within; what
 * was removed, from the end; what was moved; what was added, from the start.
 */
export function transition(old: List, next: List, path: string, diff: Diff): Operation[] {
  const at = (position: number) => `${path}/${position}`;
  const gone = new Set(old.keys());
  // The old position of each new item; `NaN` where there is none.
  const sources = match(old, next, gone);
  const ops = next.flatMap((value, to) => {
    // What follows a kept item in both lists is one item, changed.
    const source = (sources[to - 1] ?? -1) + 1;
    if (!Number.isNaN(sources[to]) || !gone.delete(source)) return [];
    sources[to] = source;
    return diff(old[source] as Value, value, at(source));
  });
  for (const source of [...gone].reverse()) ops.push({ op: "remove", path: at(source) });
  const kept = sources.filter((source) => source >= 0);
  const sorted = [...kept].sort((a, b) => a - b);
  const ranks = new Map(sorted.map((source, rank) => [source, rank]));
  const order = kept.map((source) => ranks.get(source) as number);
  if (order.some((rank, to) => rank !== to)) ops.push({ op: "reorder", path, order });
  // What is new behind all that was kept goes at once.
  let end = next.length;
  while (end > 0 && Number.isNaN(sources[end - 1])) end--;
  next.slice(0, end).forEach((value, to) => {
    if (Number.isNaN(sources[to])) ops.push({ op: "add", path: at(to), value });
  });
  if (end < next.length) ops.push({ op: "append", path, value: next.slice(end) });
  // A list of scalars is sent whole where that is less. Of others, the items are to stay what they are.
  const isWhole =
    ops.length > 1 &&
    !next.some(isContainer) &&
    stringify(ops as unknown as List).length > stringify(next).length;
  return isWhole ? [{ op: "replace", path, value: next }] : ops;
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
