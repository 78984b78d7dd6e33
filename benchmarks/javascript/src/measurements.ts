/** What can be measured, by name. */

import { measureApplying } from "./applying.js";
import { measureCoding } from "./coding.js";
import type { Clock, Row } from "./rows.js";

export const measurements: Readonly<Record<string, (rounds: number, clock: Clock) => Row[]>> = {
  apply: measureApplying,
  code: measureCoding,
};
