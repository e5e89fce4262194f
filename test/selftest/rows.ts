import { shipped } from "../conformance/strategies/rows.ts";
import type { Row } from "./row.ts";
import { constraints } from "./rows/constraints.ts";
import { histories } from "./rows/histories.ts";
import { lifecycle } from "./rows/lifecycle.ts";
import { strategyMutants } from "./rows/strategies.ts";

export const rows: readonly Row[] = [
  ...shipped,
  ...strategyMutants,
  ...lifecycle,
  ...histories,
  ...constraints,
];
