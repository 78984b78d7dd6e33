// Runs `mirror.mjs` in a process of its own: one command a line on standard input, one answer a line
// on standard output. A command may be given while one before it is not answered yet.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { Mirror } from "./mirror.mjs";

const [library, packages, url, name, codec] = process.argv.slice(2);
const { WebSocket } = createRequire(packages)("ws");
const api = await import(pathToFileURL(library).href);
await api.default();

const options = { WebSocket, EventSource: api.fetchEventSource() };
const mirror = new Mirror(api, name, codec, options);
mirror.client.run(url);
const answer = async (line) => console.log(JSON.stringify(await mirror.answer(JSON.parse(line))));
for await (const line of createInterface({ input: process.stdin })) answer(line);
mirror.client.stop();
// Whoever is not heard any more is not waited for.
process.exit();
