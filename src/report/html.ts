import type { Format } from "./format.ts";
import { page } from "./html/page.ts";

/** report.html: one file that needs neither a network nor scripts. */
export const html: Format = {
  name: "html",
  render: (result) => ({ "report.html": page(result) }),
};
