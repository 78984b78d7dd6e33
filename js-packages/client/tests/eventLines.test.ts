import fc from "fast-check";
import { expect, it } from "vitest";
import { createReader } from "../src/eventLines.js";

/** Read texts as they come, and give the events. */
function read(...texts: string[]): [data: string, id: string][] {
  const events: [string, string][] = [];
  const take = createReader((data, id) => events.push([data, id]));
  for (const text of texts) take(text);
  return events;
}

it("gives the data of each event, and the id that it has or the one before it", () => {
  const text =
    "retry: 5\n\ndata: one\n\n: a comment\n\nid: e:1\ndata:two\n\nid\nevent: x\ndata: a\ndata: b\n\n";
  expect(read(text)).toEqual([
    ["one", ""],
    ["two", "e:1"],
    ["a\nb", ""],
  ]);
});

it("gives nothing of an event that has not ended", () => {
  expect(read("data: one\n")).toEqual([]);
  expect(read("data: one\n\ndata: tw")).toEqual([["one", ""]]);
});

it("takes any end of a line, and nothing else for one", () => {
  const odd = "a\u2028b\u0085c\u000bd";
  expect(read(`data: ${odd}\r\n\r\ndata: 2\r\rdata: 3\n\n`).map(([data]) => data)).toEqual([
    odd,
    "2",
    "3",
  ]);
});

it("reads the same wherever the text is cut", () => {
  const line = fc.constantFrom("data: é🙂", "id: e:1", "", "data", "data: x: y", ": z", "\u2028");
  const end = fc.constantFrom("\n", "\r\n", "\r");
  const text = fc
    .array(fc.tuple(line, end), { maxLength: 20 })
    .map((lines) => lines.flat().join(""));
  fc.assert(
    fc.property(text, fc.array(fc.nat(60), { maxLength: 8 }), (whole, cuts) => {
      const places = [0, ...cuts.sort((a, b) => a - b), whole.length];
      const parts = places
        .slice(1)
        .map((to, at) => whole.slice(places[at], Math.max(to, places[at] ?? 0)));
      expect(parts.join("")).toBe(whole);
      expect(read(...parts)).toEqual(read(whole));
    }),
  );
});
