/** What crashes led to; `crashes` of an exploration in the document that `explore --crash --json` prints. */
export interface CrashSummary {
  /** Statements of the bot at which it crashed. */
  readonly statements: number;
  /** Messages of the protocol that these take, each of which was lost; null: they were looked at as wholes. */
  readonly messages: number | null;
  readonly wanted: number;
  readonly done: number;
  /** Crashes that did not happen when they were asked for. */
  readonly missed: number;
  /** Which, with their step. */
  readonly missedAt: readonly string[];
  /** Of the whole server too, one for each class. */
  readonly hasServerCrashes: boolean;
  /** What the client knew, and what the server had done: how many crashes led there. Empty for several bots. */
  readonly classes: readonly { readonly name: string; readonly seen: number }[];
  /** Classes that the strategy must have, and no crash led to. */
  readonly missing: readonly string[];
}
