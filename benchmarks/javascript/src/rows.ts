/** What is measured comes as rows. */

/** Reads a clock, in microseconds. */
export type Clock = () => number;

/** What one subject needed, as `benchmarks/results.py` has it. */
export interface Row {
  readonly parameters: Readonly<Record<string, string | number>>;
  readonly subject: string;
  readonly quantity: "time";
  readonly unit: "s";
  /** Seconds each time, round by round. */
  readonly rounds: readonly number[];
}

/** Make a row of what each round took, in microseconds. */
export function row(parameters: Row["parameters"], subject: string, took: readonly number[]): Row {
  return { parameters, subject, quantity: "time", unit: "s", rounds: took.map((us) => us / 1e6) };
}
