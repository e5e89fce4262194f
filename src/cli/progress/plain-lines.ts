import type { Phase } from "../../history/event.ts";
import type { Recorder } from "../../history/recorder.ts";
import type { Plan, PlannedRound } from "../../plan/plan.ts";
import type { Environment } from "../../run/environment.ts";
import type { Progress } from "./progress.ts";
import { RunMeter } from "./run-meter.ts";
import { readingText, violationText } from "./status-lines.ts";

const everyMs = 5_000;
/** How often the events are looked at for a first violation, which is told at once. */
const lookEveryMs = 250;

/** For logs: one line a round, one a phase, one every 5 s in between, and a first violation at once. */
export class PlainLines implements Progress {
  readonly #write: (line: string) => void;
  readonly #meter: RunMeter;
  readonly #timers: readonly NodeJS.Timeout[];
  #phase: Phase | undefined;

  constructor(plan: Plan, write: (line: string) => void) {
    this.#write = write;
    this.#meter = new RunMeter(plan, write);
    this.#timers = [
      setInterval(() => this.#tick(), everyMs),
      setInterval(() => void this.#meter.state(), lookEveryMs),
    ];
  }

  environmentStarted({ facts }: Environment): void {
    this.#write(`${facts.postgres}; proxy: ${facts.toxiproxy}`);
  }

  roundStarted(planned: PlannedRound, rounds: number, recorder: Recorder): void {
    const { round, strategy, role } = planned;
    this.#meter.roundStarted(planned, rounds, recorder);
    this.#phase = undefined;
    this.#write(`round ${round + 1} of ${rounds}: ${strategy} (${role})`);
  }

  phaseStarted(phase: Phase): void {
    this.#meter.phaseStarted(phase);
    this.#phase = phase;
    this.#write(`  ${phase}${this.#counts()}`);
  }

  message(line: string): void {
    this.#write(line);
  }

  [Symbol.dispose](): void {
    for (const timer of this.#timers) clearInterval(timer);
    this.#meter.state();
  }

  #tick(): void {
    if (this.#phase !== undefined) this.#write(`  ${this.#phase}${this.#counts()}`);
  }

  #counts(): string {
    const state = this.#meter.state();
    const { readings } = state;
    if (readings === undefined || readings.granted + readings.lost === 0) return "";
    const violations = violationText(state);
    return `: ${readingText(readings)}${violations === "" ? "" : ` · ${violations}`}`;
  }
}
