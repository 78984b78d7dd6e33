/** The vectors that every implementation of the protocol runs. */

import { readFileSync } from "node:fs";
import { expect } from "vitest";
import { parse } from "../src/json.js";

/** A case: an id of its own, a comment, and whatever its kind of case has. */
export type Vector = Readonly<Record<string, unknown>> & { readonly id: string };

/**
 * Read the cases of a file.
 *
 * @param keys all that a case may have beside `id` and `comment`. One with any other is an error.
 */
export function vectors(name: string, keys: readonly string[]): readonly Vector[] {
  const file = new URL(`../../../tests-integration/vectors/${name}.json`, import.meta.url);
  const cases = parse(readFileSync(file, "utf8")) as Vector[];
  for (const vector of cases) {
    const unknown = Object.keys(vector).filter((key) => !["id", "comment", ...keys].includes(key));
    expect(unknown, vector.id).toEqual([]);
  }
  expect(new Set(cases.map(({ id }) => id)).size).toBe(cases.length);
  return cases;
}
