import { monotonicMs } from "../../base/clock.ts";
import type { Phase } from "../../history/event.ts";
import type { Recorder } from "../../history/recorder.ts";
import type { Plan, PlannedRound } from "../../plan/plan.ts";
import { RoundMeter } from "../../report/live/round-meter.ts";
import type { Readings } from "../../report/live/round-meter.ts";

/** What a view shows at a moment; everything there is to know of the run that is not over yet. */
export interface RunState {
  /** Undefined: the environment is being started. */
  readonly round: PlannedRound | undefined;
  readonly rounds: number;
  readonly phase: Phase | undefined;
  readonly phaseMs: number;
  /** Part of the run that is done, 0 to 1. */
  readonly done: number;
  readonly readings: Readings | undefined;
  /** Jobs granted twice so far, by strategy; those of controls are what they are there for. */
  readonly doubleGrants: readonly { readonly round: PlannedRound; readonly count: number }[];
}

/** Where a run stands: told of rounds and phases, it reads the rest off the recorder's table. */
export class RunMeter {
  readonly #plan: Plan;
  readonly #earlier = new Map<string, { round: PlannedRound; count: number }>();
  readonly #onFirst: (line: string) => void;
  readonly #told = new Set<string>();
  #rounds = 0;
  #round: PlannedRound | undefined;
  #meter: RoundMeter | undefined;
  #phase: Phase | undefined;
  #phaseSinceMs = monotonicMs();

  /** `onFirst` is called once a strategy: with its first double grant, as soon as it is seen. */
  constructor(plan: Plan, onFirst: (line: string) => void) {
    this.#plan = plan;
    this.#onFirst = onFirst;
  }

  roundStarted(round: PlannedRound, rounds: number, recorder: Recorder): void {
    this.#closeRound();
    this.#round = round;
    this.#rounds = rounds;
    this.#meter = new RoundMeter(recorder.table);
    this.#phase = undefined;
  }

  phaseStarted(phase: Phase): void {
    this.#phase = phase;
    this.#phaseSinceMs = monotonicMs();
  }

  state(): RunState {
    const readings = this.#meter?.read();
    const phaseMs = monotonicMs() - this.#phaseSinceMs;
    this.#tellFirst(readings);
    const now = this.#round === undefined ? [] : [this.#countNow(this.#round, readings)];
    return {
      round: this.#round,
      rounds: this.#rounds,
      phase: this.#phase,
      phaseMs,
      done: this.#done(readings, phaseMs),
      readings,
      doubleGrants: [
        ...[...this.#earlier.values()].filter(
          ({ round }) => round.strategy !== this.#round?.strategy,
        ),
        ...now,
      ].filter(({ count }) => count > 0),
    };
  }

  #countNow(round: PlannedRound, readings: Readings | undefined) {
    const before = this.#earlier.get(round.strategy)?.count ?? 0;
    return { round, count: before + (readings?.doubleGrants ?? 0) };
  }

  #closeRound(): void {
    if (this.#round === undefined) return;
    const readings = this.#meter?.read();
    this.#tellFirst(readings);
    this.#earlier.set(this.#round.strategy, this.#countNow(this.#round, readings));
  }

  #tellFirst(readings: Readings | undefined): void {
    const first = readings?.firstDoubleGrant;
    const round = this.#round;
    if (first === undefined || round === undefined || this.#told.has(round.strategy)) return;
    this.#told.add(round.strategy);
    const what = `job ${first.job} was granted to bot ${first.holder} and to bot ${first.bot}`;
    const who = `${round.strategy}, round ${round.round + 1}`;
    this.#onFirst(
      round.role === "control"
        ? `caught the control: ${what} (${who})`
        : `VIOLATION: ${what} (${who})`,
    );
  }

  #done(readings: Readings | undefined, phaseMs: number): number {
    if (this.#round === undefined || this.#rounds === 0) return 0;
    const place = this.#plan.rounds.findIndex(({ round }) => round === this.#round?.round);
    const within = this.#phase === undefined ? 0 : this.#doneOfRound(readings, phaseMs);
    return Math.min(1, (Math.max(0, place) + within) / this.#rounds);
  }

  /** By what was done, where the load ends with its work; else by the time that has passed. */
  #doneOfRound(readings: Readings | undefined, phaseMs: number): number {
    if (this.#phase === "verify") return 1;
    const { load, jobs, deadlines } = this.#plan.scenario;
    const part =
      load.kind === "rounds"
        ? (readings?.wavesEnded ?? 0) / load.waves
        : load.kind === "drain"
          ? (readings?.completed ?? 0) / Math.max(1, jobs.count)
          : this.#phase === "load"
            ? phaseMs / deadlines.loadMs
            : Number(this.#phase === "heal" || this.#phase === "drain");
    return Math.min(1, part);
  }
}
