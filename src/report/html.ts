import type { ResultFormat } from "./format.ts";
import { page } from "./html/page.ts";

/** report.html: one file that needs neither a network nor scripts. */
export const html: ResultFormat = {
  kind: "result",
  name: "html",
  isDefault: true,
  render: (result) => ({ "report.html": page(result) }),
};
