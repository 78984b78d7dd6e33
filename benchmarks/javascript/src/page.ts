/** Let a page measure: it has no clock of its CPU time, only one of the time that passes. */

import { measurements } from "./measurements.js";

declare global {
  var measureHere: (what: string, rounds: number) => unknown;
}

globalThis.measureHere = (what, rounds) =>
  measurements[what]?.(rounds, () => performance.now() * 1_000);
