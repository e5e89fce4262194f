import { defineConfig } from "vitest/config";

/** `npm run selftest`: the mutation table and the other proofs that take minutes, printed as they are run. */
export default defineConfig({
  test: {
    include: ["test/selftest/*.selftest.ts"],
    globalSetup: ["test/setup/shared-postgres.ts"],
    disableConsoleIntercept: true,
    reporters: ["dot"],
  },
});
