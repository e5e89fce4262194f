import { assert } from "../base/assert.ts";

const epsilon = 1e-15;
/** The fraction needs about √max(a, b) steps; a round count of a million would still fit. */
const maxSteps = 10_000;

/**
 * The regularized incomplete beta function I_x(a, b), 0 ≤ x ≤ 1 and a, b > 0, to about 1e-13. Source: the continued
 * fraction NIST DLMF 8.17.22, summed by the modified Lentz method (Thompson and Barnett, 1986).
 */
export function incompleteBeta(x: number, a: number, b: number): number {
  assert(x >= 0 && x <= 1 && a > 0 && b > 0, `I_x(a, b) is not defined for ${x}, ${a}, ${b}`);
  if (x === 0 || x === 1) return x;
  // The fraction converges fast only left of the distribution's bulk; the other side is its mirror.
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a);
  const logFactor = a * Math.log(x) + b * Math.log1p(-x) - logBeta(a, b);
  return (Math.exp(logFactor) / a) * continuedFraction(x, a, b);
}

function continuedFraction(x: number, a: number, b: number): number {
  let c = 1;
  let d = 1 / awayFromZero(1 - ((a + b) * x) / (a + 1));
  let product = d;
  for (let m = 1; m <= maxSteps; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    for (const coefficient of [even, odd]) {
      d = 1 / awayFromZero(1 + coefficient * d);
      c = awayFromZero(1 + coefficient / c);
      product *= c * d;
    }
    if (Math.abs(c * d - 1) < epsilon) return product;
  }
  return product;
}

/** Lentz's method divides by these; a zero on the way is replaced, as it prescribes. */
function awayFromZero(value: number): number {
  return Math.abs(value) < 1e-300 ? 1e-300 : value;
}

function logBeta(a: number, b: number): number {
  return logGamma(a) + logGamma(b) - logGamma(a + b);
}

const lanczosG = 7;
const lanczos = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313,
  -176.61502916214059, 12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6,
  1.5056327351493116e-7,
] as const;

/** ln Γ(x) for x > 0 by Lanczos' approximation (1964) with Godfrey's coefficients, to about 1e-15 relative. */
export function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const z = x - 1;
  const base = z + lanczosG + 0.5;
  const [first, ...others] = lanczos;
  const series = others.reduce((sum, term, index) => sum + term / (z + index + 1), first as number);
  return 0.5 * Math.log(2 * Math.PI) + (z + 0.5) * Math.log(base) - base + Math.log(series);
}
