import { describe, expect, it } from "vitest";
import type { RunResult } from "../../src/report/result.ts";
import { Workplace } from "./command.ts";

async function run(
  ...args: readonly string[]
): Promise<{ exitCode: number | null; result: RunResult }> {
  using place = new Workplace();
  const { exitCode, stdout, stderr } = await place.run("run", ...args, "--json", "--quiet");
  expect(stdout, stderr).not.toBe("");
  return { exitCode, result: JSON.parse(stdout) as RunResult };
}

const folder = "test/fixtures/lease-service";

describe("a service of somebody else's, with routes, names and tables of its own", () => {
  it.each(["in-memory", "with-database"])(
    "%s: its double grants are seen through HTTP alone, and the mended one passes",
    async (name) => {
      const { exitCode, result } = await run(`${folder}/${name}.yaml`);
      expect(exitCode).toBe(0);
      const [fixed, buggy] = result.strategies;
      expect(fixed).toMatchObject({ name: "fixed", verdict: "passed", claims: { duplicates: 0 } });
      expect(buggy?.claims.duplicates).toBeGreaterThan(0);
      const caughtBy = buggy?.checks.filter(({ verdict }) => verdict === "violated");
      expect(caughtBy?.map((check) => check.name)).toContain("single-grant");
      // What only tables tell is not judged where nobody can look into them, and never passed.
      const looked = fixed?.checks.some((check) => check.name === "verification-queries");
      expect(looked).toBe(name === "with-database");
      expect(fixed?.notJudged.map((each) => each.name)).toContain("jobs-bots-agree");
    },
  );

  it("as a subject exits 1", async () => {
    const { exitCode, result } = await run(`${folder}/in-memory.yaml`, "--strategy", "buggy");
    expect(exitCode).toBe(1);
    expect(result.verdict).toBe("violated");
  });

  it("of a name that is none of the services is bad usage", async () => {
    using place = new Workplace();
    const ended = await place.run("run", `${folder}/in-memory.yaml`, "--strategy", "naive");
    expect(ended.stderr).toContain('"naive" is none of the services');
    expect(ended.exitCode).toBe(64);
  });
});

describe("a queue in a module", () => {
  it("plays in the place of all strategies, and is caught where it looks before it takes", async () => {
    const args = ["scenarios/simple-race.yaml", "--target", "test/fixtures/queues/in-memory.mjs"];
    const safe = await run(...args);
    expect(safe.exitCode).toBe(0);
    expect(safe.result.strategies.map(({ name }) => name)).toEqual(["in-memory"]);
    process.env["SAFE"] = "0";
    try {
      const unsafe = await run(...args);
      expect(unsafe.exitCode).toBe(1);
      expect(unsafe.result.strategies[0]?.claims.duplicates).toBeGreaterThan(0);
    } finally {
      delete process.env["SAFE"];
    }
  });

  it("that throws where nobody can catch it is no violation: the run ends in order, with 70", async () => {
    using place = new Workplace();
    const [scenario, torn] = ["scenarios/simple-race.yaml", "test/fixtures/queues/torn.mjs"];
    const ended = await place.run("run", scenario, "--target", torn);
    expect(ended.stderr).toContain("an error that nobody caught: Error: the queue's own timer");
    expect(ended.exitCode).toBe(70);
    expect(ended.stdout).toContain("interrupted before its end");
    expect(place.leftovers()).toEqual([]);
  });
});

describe("the reference service behind HTTP", () => {
  it("keeps its word over cut connections on both links", async () => {
    const { exitCode, result } = await run("scenarios/http-service.yaml", "--rounds", "1");
    expect(exitCode).toBe(0);
    const [subject] = result.strategies;
    const hits = subject?.faults.map(({ hit }) => hit);
    expect(hits?.every((hit) => hit > 0)).toBe(true);
    expect(subject?.checks.map((check) => check.name)).toContain("jobs-bots-agree");
  });
});
