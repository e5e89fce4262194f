import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../../src/base/package-root.ts";
import { Workplace } from "../end-to-end/command.ts";

const hasPython = spawnSync("python3", ["-c", "import pty, fcntl, termios"]).status === 0;
if (!hasPython)
  console.warn("the live view on a pseudo terminal: skipped, python3 has no pty here");

const columns = 52;

/** Runs `doubletake` where stdout and stderr are a terminal; returns all that it showed. */
function onTerminal(place: Workplace, args: readonly string[], environment: NodeJS.ProcessEnv) {
  const { CI: _ci, NO_COLOR: _no, FORCE_COLOR: _force, ...inherited } = process.env;
  const ran = spawnSync(
    "python3",
    [
      join(packageRoot, "test/selftest/pseudo-terminal.py"),
      String(columns),
      process.execPath,
      join(packageRoot, "dist/main.js"),
      ...args,
    ],
    {
      cwd: packageRoot,
      env: { ...inherited, TMPDIR: place.temporary, DOUBLETAKE_OUT: place.reports, ...environment },
      encoding: "utf8",
      timeout: 60_000,
    },
  );
  return { exitCode: ran.status, text: ran.stdout };
}

describe.skipIf(!hasPython)("on a terminal", () => {
  it("a run shows one block in its place, no wider than the terminal, and then the answer", () => {
    using place = new Workplace();
    const args = ["run", "scenarios/simple-race.yaml", "--rounds", "1"];
    const { exitCode, text } = onTerminal(place, args, { TERM: "xterm-256color" });
    expect(exitCode, text).toBe(0);
    expect(text).toContain("A\u001B[0J");
    expect(text).toMatch(/[█░]+ +\d+ %/);
    expect(text).toMatch(/round \d+\/\d+ (naive|skip-locked)/);
    expect(text).toMatch(/caught the control: job \d+ was granted to bot \d+ and to bot \d+/);
    const blocks = text.split("\u001B[0J").slice(1, -1);
    expect(blocks.length).toBeGreaterThan(3);
    const bars = blocks.flatMap((block) =>
      block.split(/\r?\n/).filter((line) => /[█░]/.test(line)),
    );
    for (const line of bars) {
      expect(Array.from(stripVTControlCharacters(line)).length).toBeLessThan(columns);
    }
    // After the last erasure there is the answer alone.
    expect(text.split("\u001B[0J").at(-1)).not.toMatch(/[█░]/);
    expect(text.split("\u001B[0J").at(-1)).toContain("PASSED");
  });

  it("--quiet shows the answer alone, and a dumb terminal no escape sequence", () => {
    using place = new Workplace();
    const args = ["run", "scenarios/simple-race.yaml", "--quiet", "--rounds", "1"];
    const { exitCode, text } = onTerminal(place, args, { TERM: "dumb" });
    expect(exitCode, text).toBe(0);
    expect(text).not.toContain("\u001B");
    expect(text).not.toMatch(/round \d+ of|set-up/);
    expect(text).toContain("PASSED");
  });
});
