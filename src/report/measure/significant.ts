/** Six significant digits: more than any clock here resolves, and result.json stays readable. */
export function significant(value: number): number;
export function significant(value: number | null): number | null;
export function significant(value: number | null): number | null {
  return value === null ? null : Number(value.toPrecision(6));
}
