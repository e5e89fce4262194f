import { monotonicMs } from "../base/clock.ts";
import type { CanaryDetail } from "../history/load-detail.ts";
import type { ControlDatabase } from "../service/control-database.ts";

const queries = 40;
/** About 5 ms on the machine this was written on. */
const additions = 5_000_000;

/**
 * The same small work in every round: where it takes another time than in the other rounds, it is the machine that has
 * changed, and no strategy.
 */
export async function askCanary(control: ControlDatabase): Promise<CanaryDetail> {
  await control.query("SELECT 1");
  const queryMs = await timed(async () => {
    for (let query = 0; query < queries; query++) await control.query("SELECT 1");
  });
  const cpuMs = await timed(async () => void addUp(additions));
  return { cpuMs, queryMs };
}

async function timed(work: () => Promise<void>): Promise<number> {
  const fromMs = monotonicMs();
  await work();
  return Math.round((monotonicMs() - fromMs) * 1000) / 1000;
}

/** A linear congruential generator (Numerical Recipes): arithmetic that no compiler leaves out, as its end is returned. */
function addUp(times: number): number {
  let state = 1;
  for (let n = 0; n < times; n++) state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
  return state;
}
