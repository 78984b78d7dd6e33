import { expect, it } from "vitest";
import { format } from "../src/cursor.js";

it("is a place in each epoch, joined by commas", () => {
  const cursor = new Map([
    ["e", 41],
    ["f", 0],
  ]);
  expect([format(new Map()), format(cursor)]).toEqual(["", "e:41,f:0"]);
});
