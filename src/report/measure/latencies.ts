import { nsPerMs } from "../../base/clock.ts";
import type { RoundEvidence } from "../../checks/check.ts";
import type { ClaimDetail } from "../../history/event.ts";
import { NumberMap } from "../../history/number-map.ts";
import type { LoadWindow } from "./load-window.ts";
import { Samples } from "./samples.ts";

/** Latencies of one round's load, in milliseconds. */
export interface Latencies {
  /**
   * One attempt, from asking to the answer; granted, lost, failed or unknown. One that found nothing is no sample: bots
   * that poll an empty queue would drown the others.
   */
  readonly service: Samples;
  /** The same attempts from when they were meant to start, where load is scheduled. */
  readonly response: Samples;
  /**
   * From a bot's first attempt after it last held a job until it was granted one, whatever was lost on the way. A
   * claim whose answer was lost is granted when the bot is told of it.
   */
  readonly toClaim: Samples;
  /** When each of `toClaim` ended, in nanoseconds. */
  readonly grantedAtNs: Samples;
  /** Attempts that `toClaim` took, the granted ones included. */
  attempts: number;
}

/**
 * Measures in one walk over the operations.
 *
 * ```
 *   bot 3   claim failed   claim empty   claim ok ─ work ─ complete
 *           ├────────────── toClaim ────────────┤
 *           ├ service ─┤                 ├ service ┤
 * ```
 */
export function measureLatencies(round: RoundEvidence, load: LoadWindow): Latencies {
  const { operations } = round;
  const walk = new LatencyWalk(round, load);
  for (let operation = 0; operation < operations.length; operation++) {
    const invoke = operations.invoke(operation);
    if (invoke < load.from) continue;
    if (invoke >= load.to) break;
    walk.take(operation, invoke);
  }
  return walk.latencies;
}

class LatencyWalk {
  readonly latencies: Latencies = {
    service: new Samples(),
    response: new Samples(),
    toClaim: new Samples(),
    grantedAtNs: new Samples(),
    attempts: 0,
  };
  readonly #round: RoundEvidence;
  readonly #waveBegins: readonly number[];
  readonly #searches = new Searches();

  constructor(round: RoundEvidence, load: LoadWindow) {
    this.#round = round;
    this.#waveBegins = load.waves.map((wave) => wave.from);
  }

  take(operation: number, invoke: number): void {
    this.#forgetAtBarrier(invoke);
    const bot = this.#round.operations.bot(operation);
    const op = this.#round.operations.op(operation);
    if (op === "claim") {
      this.#searches.attempt(bot, this.#round.events.t(invoke));
      this.#takeAttempt(operation, invoke);
    }
    if (op === "claim" || op === "resume") this.#takeGrant(operation, bot);
    if (op === "complete" || op === "fail") this.#searches.end(bot);
  }

  /** Who got nothing in one wave waits for the next: that is no waiting for a claim. */
  #forgetAtBarrier(invoke: number): void {
    const { waves } = this.#searches;
    const next = this.#waveBegins[waves];
    if (next !== undefined && invoke > next) this.#searches.waves++;
  }

  #takeAttempt(operation: number, invoke: number): void {
    const { operations, events } = this.#round;
    const complete = operations.complete(operation);
    if (complete === -1 || operations.outcome(operation) === "empty") return;
    const endNs = events.t(complete);
    const beginNs = events.t(invoke);
    const intendedNs = (events.detail(invoke) as ClaimDetail | undefined)?.intendedAt ?? beginNs;
    this.latencies.service.push((endNs - beginNs) / nsPerMs);
    this.latencies.response.push((endNs - intendedNs) / nsPerMs);
  }

  #takeGrant(operation: number, bot: number): void {
    const { operations, events } = this.#round;
    if (operations.outcome(operation) !== "ok") return;
    const search = this.#searches.end(bot);
    if (search === undefined) return;
    const endNs = events.t(operations.complete(operation));
    this.latencies.toClaim.push((endNs - search.fromNs) / nsPerMs);
    this.latencies.grantedAtNs.push(endNs);
    this.latencies.attempts += search.attempts;
  }
}

interface Search {
  fromNs: number;
  attempts: number;
  /** How many waves had begun; a search of an earlier wave is over. */
  wave: number;
  isOpen: boolean;
}

/** What each bot is looking for since when: one object a bot, not one an attempt. */
class Searches {
  waves = 0;
  readonly #ofBot = new NumberMap();
  readonly #searches: Search[] = [];

  attempt(bot: number, atNs: number): void {
    const search = this.#of(bot);
    if (!search.isOpen || search.wave !== this.waves) {
      search.fromNs = atNs;
      search.attempts = 0;
      search.wave = this.waves;
      search.isOpen = true;
    }
    search.attempts++;
  }

  /** The search that ends here; undefined where the bot was not looking for anything. */
  end(bot: number): Readonly<Search> | undefined {
    const search = this.#of(bot);
    const isOver = !search.isOpen || search.wave !== this.waves;
    search.isOpen = false;
    return isOver ? undefined : search;
  }

  #of(bot: number): Search {
    let number = this.#ofBot.get(bot);
    if (number === -1) {
      number = this.#searches.push({ fromNs: 0, attempts: 0, wave: 0, isOpen: false }) - 1;
      this.#ofBot.set(bot, number);
    }
    return this.#searches[number] as Search;
  }
}
