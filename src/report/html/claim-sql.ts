import type { ClaimSql } from "../result.ts";
import { markup } from "./markup.ts";
import type { Markup } from "./markup.ts";

/** How a strategy claims, step by step: what its bots ran in the cases below. Open where there are such cases. */
export function claimSqlMarkup(sql: ClaimSql, isOpen: boolean): Markup {
  const steps = sql.steps.map(
    ({ name, sql: text }) =>
      markup`<li><strong>${name}</strong><pre><code>${text}</code></pre></li>`,
  );
  const how =
    sql.transaction === "none"
      ? "each step commits on its own"
      : `in one transaction, ${sql.transaction}`;
  const number = sql.steps.length === 1 ? "one step" : `${sql.steps.length} steps`;
  const open = isOpen ? markup` open` : undefined;
  return markup`<details class="sql"${open}><summary>The SQL of a claim: ${number}, ${how}</summary><ol>${steps}</ol></details>`;
}
