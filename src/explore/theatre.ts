import { Disposal } from "../base/disposal.ts";
import { Cast } from "./cast.ts";
import type { Judged } from "./judge-schedule.ts";
import { openScene } from "./open-scene.ts";
import { runSchedule } from "./schedule.ts";
import type { Schedule, Scheduler } from "./schedule.ts";
import type { Scene, SceneOptions, Source } from "./scene.ts";
import { Stage } from "./stage.ts";
import { StatementEffects } from "./statement-effects.ts";

export interface TheatreOptions extends SceneOptions {
  /** False: BEGIN, and a COMMIT after nothing, are steps like all others. */
  readonly fusesFreeSteps: boolean;
  readonly stepMs: number;
}

export interface Performance {
  readonly schedule: Schedule;
  readonly judged: Judged;
}

/** Tables and bots, on which one schedule after the other is carried out and judged. */
export class Theatre implements AsyncDisposable {
  readonly #scene: Scene;
  readonly #stage: Stage;
  readonly #cast: Cast;

  private constructor(scene: Scene, stage: Stage, cast: Cast) {
    this.#scene = scene;
    this.#stage = stage;
    this.#cast = cast;
  }

  /** HarnessError (usage) where what is to be played does not fit the tables: for a strategy with `file:line`. */
  static async open(options: TheatreOptions): Promise<Theatre> {
    const { play, control, address } = options;
    await using owned = new Disposal();
    const scene = owned.use(await openScene(options));
    const stage = owned.use(await Stage.open(address, control, scene.tables));
    const effects = await StatementEffects.open(control);
    await effects.prepare(scene.statements);
    const openService: Scene["openService"] = (parts) => scene.openService(parts);
    const cast = owned.use(await Cast.open({ ...options, ...play, effects, openService }));
    owned.move();
    return new Theatre(scene, stage, cast);
  }

  /** Bots may stand for each other. */
  get areAlike(): boolean {
    return this.#scene.areAlike;
  }

  get source(): Source {
    return this.#scene.source;
  }

  /** What the bots' code did of its own accord, so that not all that it may do has been seen. */
  get strayed(): readonly string[] {
    return this.#scene.strayed;
  }

  /** One schedule from the beginning to the end, and what it broke. */
  async perform(scheduler: Scheduler): Promise<Performance> {
    const scene = this.#scene;
    const parts = { stage: this.#stage, cast: this.#cast, jobs: scene.jobs };
    const schedule = await runSchedule(parts, scene.watched(scheduler));
    if (!schedule.hasCrashed) this.#stage.resetAhead();
    return { schedule, judged: scene.judge(schedule) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#cast[Symbol.asyncDispose]();
    await this.#stage[Symbol.asyncDispose]();
    await this.#scene[Symbol.asyncDispose]();
  }
}
