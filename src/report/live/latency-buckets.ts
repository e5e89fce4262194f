/** Each bucket is a tenth wider than the one before: a percentile is told within 5 %, which is what a live view needs. */
const growth = Math.log(1.1);
/** The first bucket ends at 10 µs, the last one beyond an hour. */
const leastMs = 0.01;
const buckets = 240;

/** Latencies counted in buckets of equal width on a logarithmic scale: constant memory, whatever is counted. */
export class LatencyBuckets {
  readonly #counts = new Float64Array(buckets);
  #total = 0;

  add(ms: number): void {
    const bucket = ms <= leastMs ? 0 : Math.ceil(Math.log(ms / leastMs) / growth);
    const at = Math.min(buckets - 1, bucket);
    this.#counts[at] = (this.#counts[at] as number) + 1;
    this.#total++;
  }

  /** The middle of the bucket that the quantile lies in, milliseconds; null where nothing was counted. */
  quantile(q: number): number | null {
    if (this.#total === 0) return null;
    let below = 0;
    for (let bucket = 0; bucket < buckets; bucket++) {
      below += this.#counts[bucket] as number;
      if (below >= q * this.#total) return leastMs * Math.exp((bucket - 0.5) * growth);
    }
    return null;
  }
}
