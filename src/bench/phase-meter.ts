import { monotonicMs } from "../base/clock.ts";
import type { Phase } from "../history/event.ts";
import type { RunWatcher } from "../run/run-scenario.ts";
import type { ScaleRow } from "./scale-table.ts";

type Growth = Pick<
  ScaleRow,
  "loadSeconds" | "cpuMicrosPerJob" | "judgeSeconds" | "peakMegabytes" | "grownMegabytes"
>;

/** Reads clock, CPU and memory as the phases of the one round begin. */
export class PhaseMeter implements RunWatcher {
  #rssBefore = 0;
  #loadMs = [0, 0];
  #loadCpuMicros = [0, 0];

  environmentStarted(): void {}

  roundStarted(): void {
    this.#rssBefore = process.memoryUsage.rss();
  }

  phaseStarted(phase: Phase): void {
    const place = ["load", "heal"].indexOf(phase);
    if (place < 0) return;
    const { user, system } = process.cpuUsage();
    this.#loadMs[place] = monotonicMs();
    this.#loadCpuMicros[place] = user + system;
  }

  /** Once the run is judged: of its load, and of all of it. */
  read(jobs: number): Growth {
    const [beginMs = 0, endMs = 0] = this.#loadMs;
    const [cpuBefore = 0, cpuAfter = 0] = this.#loadCpuMicros;
    const peakBytes = process.resourceUsage().maxRSS * 1024;
    return {
      loadSeconds: (endMs - beginMs) / 1000,
      cpuMicrosPerJob: (cpuAfter - cpuBefore) / jobs,
      judgeSeconds: (monotonicMs() - endMs) / 1000,
      peakMegabytes: peakBytes / 1e6,
      grownMegabytes: (peakBytes - this.#rssBefore) / 1e6,
    };
  }
}
