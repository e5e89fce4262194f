import { styleText } from "node:util";
import type { Phase } from "../../history/event.ts";
import type { Recorder } from "../../history/recorder.ts";
import type { PlannedRound } from "../../plan/plan.ts";
import type { Environment } from "../../run/environment.ts";
import type { Progress } from "./progress.ts";
import { ClaimCount } from "./claim-count.ts";

const redrawMs = 100;
const eraseLine = "\r\u001B[2K";

/** For a terminal: one line, redrawn at most ten times a second and erased at the end. */
export class LiveLine implements Progress {
  readonly #stream: NodeJS.WriteStream;
  readonly #timer: NodeJS.Timeout;
  #claims: ClaimCount | undefined;
  #round = "";
  #phase = "starting PostgreSQL and the proxy";

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
    this.#timer = setInterval(() => this.#draw(), redrawMs);
  }

  environmentStarted({ facts }: Environment): void {
    this.message(styleText("dim", `${facts.postgres}; proxy: ${facts.toxiproxy}`));
  }

  roundStarted(planned: PlannedRound, rounds: number, recorder: Recorder): void {
    this.#round = `round ${planned.round + 1}/${rounds} ${styleText("bold", planned.strategy)} `;
    this.#claims = new ClaimCount(recorder.table);
  }

  phaseStarted(phase: Phase): void {
    this.#phase = phase;
  }

  message(line: string): void {
    this.#stream.write(`${eraseLine}${line}\n`);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#stream.write(eraseLine);
  }

  #draw(): void {
    const { granted, lost } = this.#claims?.update() ?? { granted: 0, lost: 0 };
    const claims = this.#claims === undefined ? "" : ` · ${granted} claims, ${lost} lost`;
    this.#stream.write(`${eraseLine}${this.#round}${this.#phase}${claims}`);
  }
}
