import { HistoryBuilder } from "../histories/builder.ts";

/** One of everything that a claim can end with, scheduled and not. */
export function sampleHistory() {
  const history = new HistoryBuilder({ strategy: "sql/mine.sql" });
  history.begin().phase("set-up", "begin").enqueue(3).phase("set-up", "end");
  history.phase("load", "begin");
  history.granted(1, 1).completed(1, 1).granted(2, 2);
  const intendedAt = (history.nowMs - 5) * 1_000_000;
  history.invoke(1, "claim", { detail: { intendedAt } });
  history.answer(1, "claim", "failed", { code: "40001" });
  history.does(2, "claim", "failed", { code: "40P01" });
  history.does(1, "claim", "unknown", { code: "ECONNRESET" });
  history.does(2, "claim", "empty");
  history.phase("load", "end").end();
  return { header: history.header(), events: history.events };
}
