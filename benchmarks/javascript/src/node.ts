/** Measure in Node, by the CPU time of this process, and print the rows. */

import { measurements } from "./measurements.js";

const cpuUs = (): number => {
  const { user, system } = process.cpuUsage();
  return user + system;
};

const [what = "", rounds] = process.argv.slice(2);
process.stdout.write(JSON.stringify(measurements[what]?.(Number(rounds), cpuUs)));
