import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/setup/shared-postgres.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Two cores: more files at once only makes each of them wait for the other's PostgreSQL.
    maxWorkers: 2,
  },
});
