import { writeSync } from "node:fs";
import type { Clock } from "../../base/clock.ts";
import { sleep } from "../../base/timer.ts";
import type { Record } from "../../bots/bot.ts";
import type { Observation } from "../../history/recorder.ts";
import type { HostNote, HostReport } from "./host-message.ts";

/** While nothing happens, how often the parent hears that nothing did: it holds back what happened elsewhere until then. */
const tickMs = 5;

/**
 * What a host process has to tell, written into a pipe that keeps it when the process is killed.
 *
 * That a bot asks for something is told before it is sent: else the database might carry out what nobody ever asked for.
 * Answers are told with the next question, at the latest when the turn of the event loop ends. So a killed host loses at most
 * answers, and the operations they belong to stay open: their outcome is unknown. A parent that does not read makes the
 * host wait.
 */
export class ReportStream {
  readonly #fd: number;
  readonly #clock: Clock;
  readonly #cost: () => HostReport["cost"];
  #events: Observation[] = [];
  #notes: HostNote[] = [];
  #isScheduled = false;
  #wroteAtNs = 0;

  constructor(fd: number, clock: Clock, cost: () => HostReport["cost"]) {
    this.#fd = fd;
    this.#clock = clock;
    this.#cost = cost;
  }

  readonly record: Record = (event) => {
    this.#events.push({ ...event, t: this.#clock.now() });
    if (event.type === "invoke") this.flush();
    else this.#schedule();
  };

  note(note: HostNote): void {
    this.#notes.push(note);
    this.#schedule();
  }

  /** Tells that the process is ready, and from then on, until `signal` aborts, at least so often how late it is. */
  async tick(signal: AbortSignal): Promise<void> {
    this.#write({ pid: process.pid });
    while (!signal.aborted) {
      await sleep(tickMs, signal);
      if (this.#clock.now() - this.#wroteAtNs >= tickMs * 1e6) this.flush();
    }
  }

  flush(): void {
    this.#write();
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      if (this.#isScheduled) this.flush();
    });
  }

  #write(ready?: { readonly pid: number }): void {
    this.#isScheduled = false;
    this.#wroteAtNs = this.#clock.now();
    const report: HostReport = {
      t: this.#wroteAtNs,
      ...(ready === undefined ? {} : { ready }),
      ...(this.#events.length === 0 ? {} : { events: this.#events }),
      ...(this.#notes.length === 0 ? {} : { notes: this.#notes }),
      cost: this.#cost(),
    };
    this.#events = [];
    this.#notes = [];
    writeWhole(this.#fd, Buffer.from(`${JSON.stringify(report)}\n`));
  }
}

/** A pipe takes a long report in parts. Throws EPIPE where the parent has gone. */
function writeWhole(fd: number, bytes: Buffer): void {
  for (let written = 0; written < bytes.length;) {
    written += writeSync(fd, bytes, written);
  }
}
