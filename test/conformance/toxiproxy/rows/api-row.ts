/** One request, what comes before it, and what must be answered. Every row begins with no proxies. */
export interface ApiRow {
  readonly what: string;
  readonly given?: readonly Request[];
  readonly request: Request;
  readonly expect: Expected | Differing;
}

export type Request = readonly [method: string, path: string, body?: unknown];

export interface Expected {
  readonly status: number;
  /** The whole body. */
  readonly text?: string;
  readonly textStart?: string;
  /** A part of the body's JSON. */
  readonly json?: unknown;
  readonly headers?: Readonly<Record<string, string | null>>;
}

/** The embedded server differs on purpose. */
export interface Differing {
  readonly why: string;
  readonly embedded: Expected;
  readonly real: Expected;
}
