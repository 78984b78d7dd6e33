import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

export default defineConfig({
  // What the build puts in.
  define: { VERSION: JSON.stringify("under test") },
  resolve: {
    alias: {
      "@1kbgz/transports": fileURLToPath(new URL("../client/src/index.ts", import.meta.url)),
    },
  },
  test: {
    include: ["tests/**/*.test.ts"],
    environment: "jsdom",
    // Only catches what hangs.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
