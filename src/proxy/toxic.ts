import { initialAttributes } from "./attributes.ts";
import type { Attributes } from "./attributes.ts";
import type { Direction } from "./direction.ts";
import type { ToxicType } from "./toxic-type.ts";

/** What a toxic is made from; checked already. */
export interface ToxicSpec {
  readonly name: string;
  readonly type: ToxicType;
  readonly stream: Direction;
  /** The stream as the client wrote it (`DOWNSTREAM`), which Toxiproxy echoes. */
  readonly streamText: string;
  readonly toxicity: number;
  readonly attributes: Attributes;
}

/** A toxic of a proxy. Its links read the attributes from here, so an update is visible to all of them at once. */
export class Toxic {
  readonly name: string;
  readonly type: ToxicType;
  readonly stream: Direction;
  readonly #streamText: string;
  /** How often it has cut a connection since its attributes were set, for types that act a number of times. */
  cuts = 0;
  #toxicity: number;
  #attributes: Attributes;

  constructor(spec: ToxicSpec) {
    this.name = spec.name;
    this.type = spec.type;
    this.stream = spec.stream;
    this.#streamText = spec.streamText;
    this.#toxicity = spec.toxicity;
    this.#attributes = { ...initialAttributes(spec.type.attributes), ...spec.attributes };
  }

  get toxicity(): number {
    return this.#toxicity;
  }

  get attributes(): Attributes {
    return this.#attributes;
  }

  update(toxicity: number, attributes: Attributes): void {
    this.cuts = 0;
    this.#toxicity = toxicity;
    this.#attributes = { ...this.#attributes, ...attributes };
  }

  /** As the API shows it, in Toxiproxy's order of keys. */
  toJSON(): Record<string, unknown> {
    return {
      attributes: this.#attributes,
      name: this.name,
      type: this.type.name,
      stream: this.#streamText,
      toxicity: shortestFloat32(this.#toxicity),
    };
  }
}

/** Toxiproxy keeps the toxicity as a float32 and prints the shortest decimal that reads back the same: 0.1, 0.33333334. */
export function shortestFloat32(value: number): number {
  const rounded = Math.fround(value);
  for (let digits = 1; digits <= 9; digits++) {
    const short = Number(rounded.toPrecision(digits));
    if (Math.fround(short) === rounded) return short;
  }
  return rounded;
}
