import { defineConfig } from "vitest/config";

/** `npm run selftest`: the mutation table, the other proofs that take minutes, and the commands that few change. */
export default defineConfig({
  test: {
    include: ["test/selftest/*.selftest.ts"],
    globalSetup: ["test/setup/shared-postgres.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    disableConsoleIntercept: true,
    reporters: ["dot"],
  },
});
