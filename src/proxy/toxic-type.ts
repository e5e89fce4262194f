import type { AttributeSpec, Attributes } from "./attributes.ts";
import type { Site, Stage } from "./stage.ts";

/**
 * A kind of toxic: its attributes and what it does. Most are a stage in the link of their stream; `postgres_cut` needs
 * to see both directions of a connection and is a rule of the connection's PostgreSQL session instead.
 */
export type ToxicType = StageToxicType | SessionToxicType;

export interface StageToxicType extends ToxicTypeBase {
  readonly kind: "stage";
  /** Called once for each link that is affected. */
  start(site: Site): Stage;
  /** Its removal cuts the connections it affected, because bytes are missing from their streams. */
  readonly removalCuts?: boolean;
}

export interface SessionToxicType extends ToxicTypeBase {
  readonly kind: "postgres";
}

interface ToxicTypeBase {
  readonly name: string;
  readonly attributes: readonly AttributeSpec[];
  /** What is wrong with the values taken together. */
  problem?(attributes: Attributes): string | undefined;
}
