/** Let a page measure: it has no clock of its CPU time, only one of the time that passes. */

import { measure, type Row } from "./measure.js";

declare global {
  var measureHere: (rounds: number) => Row[];
}

globalThis.measureHere = (rounds) => measure(rounds, () => performance.now() * 1_000);
