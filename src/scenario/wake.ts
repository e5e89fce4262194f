/** How a bot that found nothing learns that there is work. */
export type Wake =
  /** It asks again after `everyMs`; where that is absent, after a pause that doubles from 1 to 40 ms. */
  | { readonly kind: "poll"; readonly everyMs?: number }
  /** It waits until it is told, on a connection that all bots of a process share. */
  | {
      readonly kind: "notify";
      /** It also asks by itself after so long; absent: never. */
      readonly pollMs?: number;
      /** Whether a listening connection that was lost is opened again. */
      readonly reconnect: boolean;
      /** Whether all look once after it was: what was sent meanwhile is lost. */
      readonly catchUp: boolean;
    };

export type WakeByRole = Readonly<Record<"subject" | "control", Wake>>;

/** How bots of this role learn of work; undefined: they ask again, after a pause that doubles. */
export function wakeOf(
  { bots }: { readonly bots: { readonly wake?: WakeByRole | undefined } },
  role: keyof WakeByRole,
): Wake | undefined {
  return bots.wake?.[role];
}
