import { afterEach, expect, it, vi } from "vitest";
import { withQuery } from "../src/socket.js";

afterEach(() => {
  vi.unstubAllGlobals();
});

it("parameters are added to those that the address has", () => {
  const since = "e:1,f:2";
  const address = withQuery("ws://host/ws?room=a%20b&v=0", {
    v: "1",
    since,
    codec: null,
    ops: undefined,
  });
  expect(Object.fromEntries(new URL(address).searchParams)).toEqual({ room: "a b", v: "1", since });
});

it("an address may be relative to the page", () => {
  vi.stubGlobal("location", { href: "https://host:8/app/page.html" });
  expect(withQuery("ws", {})).toBe("https://host:8/app/ws");
  expect(withQuery("/ws", {})).toBe("https://host:8/ws");
  expect(withQuery("ws://other/ws", {})).toBe("ws://other/ws");
});

it("what is no address is an error", () => {
  expect(() => withQuery("/ws", {})).toThrow(TypeError);
});
