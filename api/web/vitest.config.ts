// Behaviour of pages is tested in a small imitation of a browser; a real one is driven from tests/ in Python.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { environment: "jsdom", include: ["tests/**/*.test.ts"] },
});
