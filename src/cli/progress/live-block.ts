import type { Phase } from "../../history/event.ts";
import type { Recorder } from "../../history/recorder.ts";
import type { Plan, PlannedRound } from "../../plan/plan.ts";
import type { Paint } from "../../report/terminal/paint.ts";
import type { Environment } from "../../run/environment.ts";
import type { Progress } from "./progress.ts";
import { RunMeter } from "./run-meter.ts";
import { statusLines } from "./status-lines.ts";

const redrawMs = 100;
/** Of a terminal that does not tell, as a bare pseudo terminal. */
const usualColumns = 80;

/** A terminal, as far as a view needs it. */
export interface Screen {
  write(text: string): unknown;
  readonly columns?: number | undefined;
}

/**
 * For a terminal: one block of a few lines, redrawn at most ten times a second in its place and erased at the end. Lines
 * that are to stay are written above it.
 */
export class LiveBlock implements Progress {
  readonly #screen: Screen;
  readonly #paint: Paint;
  readonly #meter: RunMeter;
  readonly #timer: NodeJS.Timeout;
  /** Lines that stand on the screen now, the cursor below them. */
  #drawn = 0;
  #isClosed = false;

  constructor(plan: Plan, screen: Screen, paint: Paint) {
    this.#screen = screen;
    this.#paint = paint;
    this.#meter = new RunMeter(plan, (line) => {
      this.message(paint(line.startsWith("VIOLATION") ? "bad" : "faint", line));
    });
    this.#timer = setInterval(() => this.#draw(), redrawMs);
  }

  environmentStarted({ facts }: Environment): void {
    this.message(this.#paint("faint", `${facts.postgres}; proxy: ${facts.toxiproxy}`));
  }

  roundStarted(planned: PlannedRound, rounds: number, recorder: Recorder): void {
    this.#meter.roundStarted(planned, rounds, recorder);
  }

  phaseStarted(phase: Phase): void {
    this.#meter.phaseStarted(phase);
  }

  message(line: string): void {
    this.#screen.write(`${this.#erase()}${line}\n`);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#meter.state();
    this.#screen.write(this.#erase());
  }

  #draw(): void {
    // First: a message that it brings about belongs above the block.
    const state = this.#meter.state();
    const columns = this.#screen.columns;
    const room = Math.max(20, columns === undefined || columns === 0 ? usualColumns : columns) - 1;
    const lines = statusLines(state, room, this.#paint);
    this.#screen.write(`${this.#erase()}${lines.join("\n")}\n`);
    this.#drawn = lines.length;
  }

  /** The escape sequences that take the block off the screen: up by its lines, and clear all below. */
  #erase(): string {
    const up = this.#drawn;
    this.#drawn = 0;
    return up === 0 ? "" : `\r\u001B[${up}A\u001B[0J`;
  }
}
