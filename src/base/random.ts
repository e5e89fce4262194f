/**
 * Seeded randomness. All of a run's randomness comes from its seed: a stream is forked per purpose by name, so that
 * adding a draw in one place does not change the draws of another.
 */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform integer in [0, bound). */
  integer(bound: number): number;
  /** Uniform in [low, high). */
  between(low: number, high: number): number;
  pick<T>(items: readonly T[]): T | undefined;
  /** A new array in random order (Fisher-Yates). */
  shuffle<T>(items: readonly T[]): T[];
  /** An independent stream, the same for the same name whatever was drawn before. */
  fork(name: string): Random;
}

/** A stream from a 32-bit seed: sfc32 (Chris Doty-Humphrey, PractRand), seeded by hashing seed and name. */
export function seededRandom(seed: number, name = ""): Random {
  const next = sfc32(hashWords(`${seed}/${name}`));
  const integer = (bound: number): number => Math.floor(next() * bound);
  return {
    next,
    integer,
    between: (low, high) => low + next() * (high - low),
    pick: (items) => items[integer(items.length)],
    shuffle: (items) => shuffled(items, integer),
    fork: (child) => seededRandom(seed, `${name}/${child}`),
  };
}

/** A seed for a run that names none; the only draw that is not reproducible, so it is printed. */
export function drawSeed(): number {
  return Math.floor(Math.random() * 2 ** 31);
}

function shuffled<T>(items: readonly T[], integer: (bound: number) => number): T[] {
  const result = [...items];
  for (let last = result.length - 1; last > 0; last--) {
    const other = integer(last + 1);
    [result[last], result[other]] = [result[other] as T, result[last] as T];
  }
  return result;
}

type Words = readonly [number, number, number, number];

function sfc32([w0, w1, w2, w3]: Words): () => number {
  let [a, b, c, counter] = [w0, w1, w2, w3];
  const next = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    c |= 0;
    return (sum >>> 0) / 2 ** 32;
  };
  // The generator's author discards the first outputs so that close seeds part ways.
  for (let i = 0; i < 15; i++) next();
  return next;
}

/** Four words by FNV-1a with four offsets, each finished with the murmur3 mixer. */
function hashWords(text: string): Words {
  const word = (offset: number): number => {
    let hash = (0x811c9dc5 ^ offset) >>> 0;
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    return hash ^ (hash >>> 16);
  };
  return [word(1), word(2), word(3), word(4)];
}
