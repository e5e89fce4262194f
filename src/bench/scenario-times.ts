import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { packageRoot } from "../base/package-root.ts";
import { runCommand } from "../environment/run-command.ts";

/**
 * `npm run bench:scenarios [-- simple-race zombie …]`: how long each shipped scenario takes from the command to its answer, one
 * after the other. Writes scenarios/durations.json, where what was measured takes the place of what stood there;
 * `npx vitest run test/conformance/scenarios -u` then writes docs/scenarios.md.
 */
const longestMs = 180_000;

const folder = join(packageRoot, "scenarios");
const durations = join(folder, "durations.json");
const yaml = ".yaml";

const files = readdirSync(folder).filter((file) => file.endsWith(yaml));
const names = files.map((file) => file.slice(0, -yaml.length)).toSorted();
const wanted = process.argv.length > 2 ? process.argv.slice(2) : names;
for (const name of wanted) {
  if (!names.includes(name)) throw new Error(`there is no scenario ${name}`);
  const seconds = await secondsOf(name);
  if (seconds === null) continue;
  const known = z.record(z.string(), z.number()).parse(JSON.parse(readFileSync(durations, "utf8")));
  write({ ...known, [name]: seconds });
}

/** Rounded up. Null, and told, where it does not pass: how long that takes says nothing. The others are timed all the same. */
async function secondsOf(name: string): Promise<number | null> {
  const out = mkdtempSync(join(tmpdir(), "doubletake-times-"));
  const scenario = join(folder, `${name}${yaml}`);
  const args = [join(packageRoot, "dist/main.js"), "run", scenario, "--quiet", "--out", out];
  try {
    const startedAt = performance.now();
    const result = await runCommand({ file: process.execPath, args, ms: longestMs });
    const seconds = Math.ceil((performance.now() - startedAt) / 1000);
    if (!result.ok) {
      process.stderr.write(`${name} did not pass: ${result.stdout}\n${result.complaint}\n`);
      process.exitCode = 1;
      return null;
    }
    process.stderr.write(`${name}: ${seconds} s\n`);
    return seconds;
  } finally {
    rmSync(out, { recursive: true });
  }
}

function write(seconds: Readonly<Record<string, number>>): void {
  const sorted = Object.entries(seconds).toSorted(([a], [b]) => (a < b ? -1 : 1));
  writeFileSync(durations, `${JSON.stringify(Object.fromEntries(sorted), null, 2)}\n`);
}
