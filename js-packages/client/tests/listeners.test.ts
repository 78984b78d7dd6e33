import { expect, it } from "vitest";
import { type Listeners, listen, tell } from "../src/listeners.js";

it("are told in the order in which they came, each once, until they end it", () => {
  const listeners: Listeners<[string, number]> = new Set();
  const told: string[] = [];
  const first = (text: string, number: number) => void told.push(`first ${text} ${number}`);
  const end = listen(listeners, first);
  listen(listeners, first);
  listen(listeners, (text) => void told.push(`second ${text}`));
  tell(listeners, "a", 1);
  end();
  end();
  tell(listeners, "b", 2);
  expect(told).toEqual(["first a 1", "second a", "second b"]);
});
