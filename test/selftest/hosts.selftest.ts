import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { waitUntil } from "../../src/base/timer.ts";
import { processState } from "../../src/environment/process-state.ts";
import { runResultSchema } from "../../src/report/result.ts";
import { needsLinux } from "../setup/machine.ts";
import { Workplace } from "../end-to-end/command.ts";

/** One process is stopped from the first moment to the last, so that it cannot notice that its parent has died. */
const longScenario = `name: hosted
strategies: { subjects: [skip-locked] }
jobs: { count: 400, work: 50ms }
bots: { count: 6, hosts: 3 }
load: { kind: drain }
claims: { lease: 500ms }
rescue: { every: 100ms }
faults:
  - { fault: pause-bots }
`;

const bound = { ms: 30_000, everyMs: 20 };

/** What the parent of a process is, by field 4 of proc(5) stat. */
function parentOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
}

/** The processes with bots in them: children of the guards that the command has started. */
function hostsOf(command: number): readonly number[] {
  const all = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
  return all.filter((pid) => {
    try {
      const line = readFileSync(`/proc/${pid}/cmdline`, "utf8");
      return (
        line.includes("host-main.js") &&
        parentOf(parentOf(pid)) === command &&
        !line.split("\0").includes("doubletake-host")
      );
    } catch {
      return false;
    }
  });
}

const isDead = (pid: number): boolean => [null, "Z", "X"].includes(processState(pid) ?? null);

describe.runIf(needsLinux("processes of a run that is killed"))(
  "a run with bots in processes",
  () => {
    it("leaves none of them when it is killed by SIGKILL, not even one that is stopped", async () => {
      using place = new Workplace();
      const file = join(place.path, "hosted.yaml");
      writeFileSync(file, longScenario);
      const command = place.start("run", file);
      await command.shows("  load");
      const parent = command.child.pid ?? 0;
      const isUnderWay = (): boolean => {
        const states = hostsOf(parent).map(processState);
        return states.length === 3 && states.includes("T");
      };
      expect(await waitUntil(isUnderWay, bound)).toBe(true);
      const hosts = hostsOf(parent);
      command.child.kill("SIGKILL");
      await command.ended;
      expect(await waitUntil(() => hosts.every(isDead), bound)).toBe(true);
      expect(await waitUntil(() => place.leftovers().length === 0, bound)).toBe(true);
    });

    it("goes on, heals and reports when it is interrupted while bots stand still", async () => {
      using place = new Workplace();
      const file = join(place.path, "hosted.yaml");
      writeFileSync(file, longScenario);
      const command = place.start("run", file);
      await command.shows("  load");
      const parent = command.child.pid ?? 0;
      const isPaused = (): boolean => hostsOf(parent).map(processState).includes("T");
      expect(await waitUntil(isPaused, bound)).toBe(true);
      const hosts = hostsOf(parent);
      command.child.kill("SIGINT");
      const { exitCode, stderr } = await command.ended;
      expect(exitCode, stderr).toBe(130);
      expect(hosts.every(isDead)).toBe(true);
      expect(place.leftovers()).toEqual([]);
      const [folder = ""] = existsSync(place.reports) ? readdirSync(place.reports) : [];
      const judged = await place.run("check", join(place.reports, folder), "--json");
      const result = runResultSchema.parse(JSON.parse(judged.stdout));
      expect(result.interrupted).toBe(true);
      expect(result.strategies.some(({ claims }) => claims.granted > 0)).toBe(true);
    });
  },
);
