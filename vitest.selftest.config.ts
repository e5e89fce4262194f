import { defineConfig } from "vitest/config";

/** `npm run selftest`: the mutation table and nothing else, printed as it is run. */
export default defineConfig({
  test: {
    include: ["test/selftest/*.selftest.ts"],
    globalSetup: ["test/setup/shared-postgres.ts"],
    disableConsoleIntercept: true,
    reporters: ["dot"],
  },
});
