/** Where stopping failed as well, what had gone wrong before is what the user wants to know. */
export function firstError(thrown: unknown): unknown {
  const isPair = thrown instanceof Error && thrown.name === "SuppressedError";
  return isPair ? firstError((thrown as Error & { suppressed: unknown }).suppressed) : thrown;
}
