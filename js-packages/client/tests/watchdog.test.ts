import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createWatchdog, type Watchdog } from "../src/watchdog.js";

let silences: number;
let wasOpen: boolean;
let watchdog: Watchdog;

beforeEach(() => {
  vi.useFakeTimers();
  silences = 0;
  wasOpen = true;
  watchdog = createWatchdog(
    () => {
      silences += 1;
    },
    () => wasOpen,
  );
});

afterEach(() => {
  vi.useRealTimers();
});

it("expects nothing at first, nor after it is told to", () => {
  watchdog.heard();
  vi.advanceTimersByTime(1_000_000);
  watchdog.expect(10);
  watchdog.expect(0);
  vi.advanceTimersByTime(1_000_000);
  expect([silences, vi.getTimerCount()]).toEqual([0, 0]);
});

it("[client.heartbeat] calls once, when its patience is over", () => {
  watchdog.expect(10);
  vi.advanceTimersByTime(9);
  watchdog.heard();
  vi.advanceTimersByTime(9);
  expect(silences).toBe(0);
  vi.advanceTimersByTime(1);
  vi.advanceTimersByTime(1_000);
  expect(silences).toBe(1);
});

it("[failure.22] notices at once that the machine slept", () => {
  watchdog.expect(10_000);
  vi.advanceTimersByTime(5_000);
  vi.setSystemTime(Date.now() + 3_600_000);
  vi.advanceTimersByTime(5_000);
  expect(silences).toBe(1);
});

it("[client.heartbeat] has more patience after each silence, until frames flow", () => {
  for (const patience of [10, 20, 40]) {
    watchdog.expect(10);
    const before = silences;
    vi.advanceTimersByTime(patience - 1);
    expect(silences).toBe(before);
    vi.advanceTimersByTime(1);
    expect(silences).toBe(before + 1);
  }
  watchdog.heard();
  watchdog.expect(10);
  vi.advanceTimersByTime(10);
  expect(silences).toBe(4);
});

it("[client.heartbeat] is back at the beginning as soon as frames flow", () => {
  watchdog.expect(10);
  vi.advanceTimersByTime(10);
  watchdog.expect(10);
  watchdog.heard();
  vi.advanceTimersByTime(10);
  expect(silences).toBe(2);
});

it("[faults.patience] does not wait longer for a greeting after a short silence", () => {
  watchdog.expect(10);
  vi.advanceTimersByTime(10);
  watchdog.expect(30_000);
  vi.advanceTimersByTime(30_000);
  expect(silences).toBe(2);
  watchdog.expect(30_000);
  vi.advanceTimersByTime(59_999);
  expect(silences).toBe(2);
  vi.advanceTimersByTime(1);
  expect(silences).toBe(3);
});

it("[faults.patience] has no more patience for connections that were never open", () => {
  wasOpen = false;
  for (let times = 1; times < 9; times++) {
    watchdog.expect(10);
    vi.advanceTimersByTime(10);
    expect(silences).toBe(times);
  }
});
