import type { Random } from "../../src/base/random.ts";

export interface SimulatedRounds {
  readonly a: readonly number[];
  readonly b: readonly number[];
}

/** Rounds of two strategies on one machine whose speed wanders (AR(1), ρ = 0.8), each with noise of its own. */
export function simulatedRounds(
  random: Random,
  { pairs, ratio }: { readonly pairs: number; readonly ratio: number },
): SimulatedRounds {
  const a: number[] = [];
  const b: number[] = [];
  let machine = normal(random) * 0.05;
  for (let i = 0; i < pairs; i++) {
    machine = 0.8 * machine + normal(random) * 0.03;
    a.push(1000 * ratio * Math.exp(machine + normal(random) * 0.025));
    b.push(1000 * Math.exp(machine + normal(random) * 0.025));
  }
  return { a, b };
}

/** Box and Muller (1958). */
export function normal(random: Random): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random.next()));
  return radius * Math.cos(2 * Math.PI * random.next());
}
