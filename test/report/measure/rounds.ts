import type { RoundEvidence } from "../../../src/checks/check.ts";
import { loadWindow } from "../../../src/report/measure/load-window.ts";
import type { LoadWindow } from "../../../src/report/measure/load-window.ts";
import { evidenceOf } from "../../checks/judged.ts";
import { HistoryBuilder } from "../../histories/builder.ts";

/** A round whose load begins at 100 ms; what `tell` adds happens in it, and it ends one millisecond after. */
export function loaded(tell: (history: HistoryBuilder) => void, options = {}): HistoryBuilder {
  const history = new HistoryBuilder(options).begin().phase("set-up", "begin");
  history.phase("set-up", "end").at(100).phase("load", "begin");
  tell(history);
  return history.phase("load", "end");
}

export function firstRound(history: HistoryBuilder): { round: RoundEvidence; load: LoadWindow } {
  const [round] = evidenceOf(history).rounds;
  const load = round && loadWindow(round);
  if (round === undefined || load === undefined) throw new Error("the history has no load");
  return { round, load };
}
