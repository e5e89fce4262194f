import { unreachable } from "../base/assert.ts";

/** What an exploration has shown of the schedules that it did not carry out. */
export type Guarantee =
  /** Every order of the steps was carried out, or one that nobody can tell from it. */
  | { readonly kind: "every-interleaving" }
  /** Every order in which bots that could go on are passed over at most so often. */
  | { readonly kind: "preemptions"; readonly most: number }
  /** Random schedules: a bug that needs `depth` orders between steps shows with at least this probability. */
  | {
      readonly kind: "pct";
      readonly depth: number;
      readonly runs: number;
      readonly probability: number;
    }
  /** A crash of one bot at each of so many of its statements, alone or with every order of the bots' steps, as far as said. */
  | {
      readonly kind: "crash-points";
      readonly statements: number;
      /** Of the protocol, where it crashed at each of them. */
      readonly messages?: number;
      readonly crashes: number;
      /** Of several bots: every order of at most so many preemptions; null: every order. */
      readonly most: number | null;
    }
  /** It was ended before it had shown anything. */
  | { readonly kind: "none" };

export function guaranteeText(guarantee: Guarantee, bots: number): string {
  const all = `every interleaving of ${bots} bot${bots === 1 ? "" : "s"}`;
  switch (guarantee.kind) {
    case "every-interleaving":
      return all;
    case "preemptions":
      return `${all} with up to ${guarantee.most} preemption${guarantee.most === 1 ? "" : "s"}`;
    case "pct": {
      const { depth, runs, probability } = guarantee;
      return `PCT d=${depth}, ${runs} runs: a bug of that depth shows with P ≥ ${probability.toFixed(2)}`;
    }
    case "crash-points": {
      const { statements, messages, crashes, most } = guarantee;
      const of = messages === undefined ? "" : `${messages} messages of `;
      const points = `${crashes} crashes at ${of}${statements} statements`;
      if (bots === 1) return `${points} of a bot, each with its recovery`;
      const orders: Guarantee =
        most === null ? { kind: "every-interleaving" } : { kind: "preemptions", most };
      return `${points}, each in ${guaranteeText(orders, bots)}`;
    }
    case "none":
      return "nothing: it ended too early";
    default:
      return unreachable(guarantee);
  }
}
