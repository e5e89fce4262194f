import type { Phase } from "../../history/event.ts";
import type { Recorder } from "../../history/recorder.ts";
import type { PlannedRound } from "../../plan/plan.ts";
import type { Environment } from "../../run/environment.ts";
import type { Progress } from "./progress.ts";
import { ClaimCount } from "./claim-count.ts";

const everyMs = 5_000;

/** For logs: one line a round with its phases, and one every 5 s while a load runs. */
export class PlainLines implements Progress {
  readonly #write: (line: string) => void;
  readonly #timer: NodeJS.Timeout;
  #claims: ClaimCount | undefined;
  #phase: Phase = "set-up";

  constructor(write: (line: string) => void) {
    this.#write = write;
    this.#timer = setInterval(() => this.#tick(), everyMs);
  }

  environmentStarted({ facts }: Environment): void {
    this.#write(`${facts.postgres}; proxy: ${facts.toxiproxy}`);
  }

  roundStarted(planned: PlannedRound, rounds: number, recorder: Recorder): void {
    const { round, strategy, role } = planned;
    this.#write(`round ${round + 1} of ${rounds}: ${strategy} (${role})`);
    this.#claims = new ClaimCount(recorder.table);
  }

  phaseStarted(phase: Phase): void {
    this.#phase = phase;
    this.#write(`  ${phase}${this.#counts()}`);
  }

  message(line: string): void {
    this.#write(line);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    if (this.#claims !== undefined) this.#write(`  ${this.#phase}${this.#counts()}`);
  }

  #counts(): string {
    const { granted, lost } = this.#claims?.update() ?? { granted: 0, lost: 0 };
    return granted + lost === 0 ? "" : `: ${granted} claims granted, ${lost} lost`;
  }
}
