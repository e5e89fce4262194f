import { exportHistory } from "../history/export/history-export.ts";
import type { HistoryFormat } from "./format.ts";

/** history.edn: the recorded history as Jepsen's operations, one a line. */
export const jepsen: HistoryFormat = {
  kind: "history",
  name: "edn",
  render: ({ events }) => ({ "history.edn": exportHistory(events, "edn") }),
};
