/** Measure in Node, by the CPU time of this process, and print the rows. */

import { measure } from "./measure.js";

const cpuUs = (): number => {
  const { user, system } = process.cpuUsage();
  return user + system;
};

process.stdout.write(JSON.stringify(measure(Number(process.argv[2]), cpuUs)));
