import { expect, it } from "vitest";
import { backoffMs } from "../src/backoff.js";

it("[client.backoff] draws from the whole range below a bound that doubles up to 30 seconds", () => {
  const bounds = Array.from({ length: 9 }, (_, attempt) => backoffMs(attempt, () => 1));
  expect(bounds).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
  expect([backoffMs(3, () => 0), backoffMs(3, () => 0.25)]).toEqual([0, 1000]);
  expect(backoffMs(5_000, () => 1)).toBe(30_000);
});
