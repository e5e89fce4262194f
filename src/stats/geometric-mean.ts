/** The geometric mean; null where there are no numbers or one has no logarithm: not above zero, or not finite. */
export function geometricMean(values: readonly number[]): number | null {
  const logs = logarithms(values);
  if (logs === undefined || logs.length === 0) return null;
  return Math.exp(logs.reduce((sum, log) => sum + log, 0) / logs.length);
}

/** The natural logarithms, or undefined where a number has none. */
export function logarithms(values: readonly number[]): readonly number[] | undefined {
  if (!values.every((value) => value > 0 && Number.isFinite(value))) return undefined;
  return values.map(Math.log);
}
