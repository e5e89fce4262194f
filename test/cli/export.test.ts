import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { packageRoot } from "../../src/base/package-root.ts";
import { Workplace } from "../end-to-end/command.ts";

const history = join(packageRoot, "test", "histories", "select-then-update.ndjson");
let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "doubletake-export-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

it("check --export writes operations and nothing else, and does not judge", async () => {
  using place = new Workplace();
  const { exitCode, stdout } = await place.run("check", history, "--export", "jepsen-json");
  expect(exitCode).toBe(0);
  const written = stdout.trimEnd().split("\n");
  expect(written.map((line) => (JSON.parse(line) as { index: number }).index)).toEqual([
    ...written.keys(),
  ]);
  expect(JSON.parse(written[0] ?? "")).toMatchObject({ process: 0, type: "invoke" });
});

it("check --export --out writes the same into a file", async () => {
  using place = new Workplace();
  const file = join(folder, "history.edn");
  const toFile = await place.run("check", history, "--export", "edn", "--out", file);
  expect({ exitCode: toFile.exitCode, stdout: toFile.stdout }).toEqual({ exitCode: 0, stdout: "" });
  const { stdout } = await place.run("check", history, "--export", "edn");
  expect(readFileSync(file, "utf8")).toBe(stdout);
});

it.each([
  [64, ["--export", "csv"], "Allowed choices are edn, jepsen-json"],
  [64, ["--export", "edn", "--json"], "cannot be used with option '--json'"],
  [64, ["--out", "somewhere"], "goes with '--export <format>' only"],
  [69, ["--export", "edn", "--out", "/no/such/folder/history.edn"], "cannot be written (ENOENT)"],
])("exits with %i for %j", async (expected, flags, message) => {
  using place = new Workplace();
  const { exitCode, stdout, stderr } = await place.run("check", history, ...flags);
  expect({ exitCode, stdout }).toEqual({ exitCode: expected, stdout: "" });
  expect(stderr).toContain(message);
});
