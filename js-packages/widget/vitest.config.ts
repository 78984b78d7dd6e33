import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["tests/**/*.test.ts"],
    // Only catches what hangs.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
