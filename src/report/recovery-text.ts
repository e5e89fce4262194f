import { unreachable } from "../base/assert.ts";
import { median } from "../stats/quantile.ts";
import { count, milliseconds } from "./number.ts";
import type { FaultResult, RecoveryResult } from "./result.ts";

type Recovered = Extract<RecoveryResult, { readonly kind: "recovered" }>;
type NotRecovered = Extract<RecoveryResult, { readonly kind: "not recovered" }>;

/**
 * When claims were as fast again as before, over all injections of a fault: "claims back after 120 ms", "claims back
 * after 95 ms, median of 3, at most 340 ms; 1 not back by the next fault". Undefined where nobody measured it.
 */
export function recoveryText({ spans }: FaultResult): string | undefined {
  const all = spans.flatMap(({ recovery }) => recovery ?? []);
  if (all.length === 0) return undefined;
  const back = all.filter((each): each is Recovered => each.kind === "recovered");
  const away = all.filter((each): each is NotRecovered => each.kind === "not recovered");
  const unknown = all.flatMap((each) => (each.kind === "unknown" ? [each.why] : []));
  return [backText(back), awayText(away), unknownText(unknown)]
    .filter((text) => text !== undefined)
    .join("; ");
}

/** One of them. */
export function spanRecoveryText(recovery: RecoveryResult): string {
  switch (recovery.kind) {
    case "recovered":
      return backText([recovery]) ?? "";
    case "not recovered":
      return awayText([recovery]) ?? "";
    case "unknown":
      return unknownText([recovery.why]) ?? "";
    default:
      return unreachable(recovery);
  }
}

function backText(back: readonly Recovered[]): string | undefined {
  const times = back.map(({ afterHealMs }) => afterHealMs);
  const middle = median(times);
  if (middle === null) return undefined;
  if (times.length === 1) return `claims back after ${milliseconds(middle)}`;
  const most = milliseconds(Math.max(...times));
  return `claims back after ${milliseconds(middle)}, median of ${count(times.length)}, at most ${most}`;
}

function awayText(away: readonly NotRecovered[]): string | undefined {
  const [first] = away;
  if (first === undefined) return undefined;
  const watched = milliseconds(Math.max(...away.map(({ watchedMs }) => watchedMs)));
  if (away.length > 1) return `${count(away.length)} not back, watched for ${watched} at most`;
  const until = first.until === "end" ? "to the end of the load" : "to the next fault";
  return `claims not back in ${watched} ${until}`;
}

function unknownText(unknown: readonly string[]): string | undefined {
  const [first] = unknown;
  if (first === undefined) return undefined;
  const many = unknown.length === 1 ? "" : ` of ${count(unknown.length)}`;
  return `recovery${many} not known: ${first}`;
}
