/** The smallest of 1, 2, 5 × 10^k that is not below the value. */
export function roundStep(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const part = value / power;
  return power * ([1, 2, 5].find((each) => part <= each * 1.000_001) ?? 10);
}
