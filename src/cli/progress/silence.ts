import type { Progress } from "./progress.ts";

/** `--quiet`: the answer alone. */
export class Silence implements Progress {
  environmentStarted(): void {}
  roundStarted(): void {}
  phaseStarted(): void {}
  message(): void {}
  [Symbol.dispose](): void {}
}
