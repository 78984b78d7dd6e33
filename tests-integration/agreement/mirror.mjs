// Runs TypeScript mirrors for a test in another language: one command a line on standard input, one
// answer a line on standard output.
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { text } from "./text.mjs";

const { default: init, Client } = await import(pathToFileURL(process.argv[2]).href);
await init();

const clients = new Map();

function take(client, frame) {
  const reply = client.recv(frame.binary ? Buffer.from(frame.content, "base64") : frame.content);
  const values = client
    .ids()
    .map((id) => `${JSON.stringify(String(id))}:${text(client.value(id))}`);
  const cursor = JSON.stringify(client.cursor);
  return `{"resync":${reply !== undefined},"cursor":${cursor},"values":{${values.join(",")}}}`;
}

for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  if (command.codec !== undefined) {
    clients.set(command.client, new Client(command.codec));
    console.log("{}");
  } else {
    console.log(take(clients.get(command.client), command));
  }
}
