/** How one side of a connection is lost to the other, in the middle of what a bot was doing. */
export const crashKinds = ["reset", "close", "silence", "terminated", "server crash"] as const;
export type CrashKind = (typeof crashKinds)[number];

/**
 * When, seen from the statement at which it happens:
 *
 * - `before`: the server never gets it
 * - `after`: the server has carried it out, and the client gets no answer
 * - `truncate`: the same, and the client gets half of the answer
 */
export const statementMoments = ["before", "after", "truncate"] as const;

/**
 * When, seen from one message of the protocol: one that the client sends for its statement, which does not reach the
 * server, or one of the server's answer, which does not reach the client. What came before it did.
 */
export const messageMoments = ["request", "answer"] as const;
export type MessageMoment = (typeof messageMoments)[number];

export type Crash = StatementCrash | MessageCrash;

export interface StatementCrash {
  readonly kind: CrashKind;
  readonly moment: (typeof statementMoments)[number];
}

export interface MessageCrash {
  readonly kind: CrashKind;
  readonly moment: MessageMoment;
  /** Which of the statement's messages on that side, from 1. */
  readonly message: number;
  /** One letter, as in PostgreSQL's documentation of the protocol. */
  readonly type: string;
  /** How much of it arrives. */
  readonly part: "none" | "half";
}

/** One message of the protocol that a statement takes. */
export interface WireMessage {
  readonly moment: MessageMoment;
  readonly type: string;
}

/** What ends a connection in half an answer is the connection; a server that goes ends between messages. */
export function crashesOf(kind: CrashKind): readonly Crash[] {
  return statementMoments
    .filter((moment) => isCut(kind) || moment !== "truncate")
    .map((moment) => ({ kind, moment }));
}

/** One for each message that a statement takes, which is lost whole. */
export function crashesAt(kind: CrashKind, transcript: readonly WireMessage[]): readonly Crash[] {
  return numbered(transcript).map(({ moment, type, message }): Crash => {
    // Where nothing was sent, the server may be gone before the client tries to.
    const isBefore = !isCut(kind) && kind !== "silence" && moment === "request" && message === 1;
    if (isBefore) return { kind, moment: "before" };
    return { kind, moment, message, type, part: "none" };
  });
}

/** One for each type of message, of which half arrives: each type once, wherever it is met first. */
export function halvesOf(
  kind: CrashKind,
  transcript: readonly WireMessage[],
  met: Set<string>,
): readonly Crash[] {
  const fresh = numbered(transcript).filter(({ moment, type }) => {
    const name = `${kind} ${moment} ${type}`;
    const isFresh = !met.has(name);
    met.add(name);
    return isFresh;
  });
  return fresh.map(({ moment, type, message }) => ({ kind, moment, message, type, part: "half" }));
}

function numbered(transcript: readonly WireMessage[]) {
  const counts = { request: 0, answer: 0 };
  return transcript.map(({ moment, type }) => ({ moment, type, message: ++counts[moment] }));
}

function isCut(kind: CrashKind): boolean {
  return kind === "reset" || kind === "close";
}

const kindTexts: Readonly<Record<CrashKind, string>> = {
  reset: "connection reset",
  close: "connection closed",
  silence: "connection silent",
  terminated: "backend terminated",
  "server crash": "server crashed",
};

const momentTexts: Readonly<Record<StatementCrash["moment"], string>> = {
  before: "before the server got it",
  after: "before the answer came",
  truncate: "in the middle of the answer",
};

/** "connection reset before the answer came", "connection reset before Bind", "connection closed in the middle of DataRow". */
export function crashText(crash: Crash): string {
  const kind = kindTexts[crash.kind];
  if (crash.moment !== "request" && crash.moment !== "answer")
    return `${kind} ${momentTexts[crash.moment]}`;
  const name = messageNames[crash.moment][crash.type] ?? `message ${crash.type}`;
  return `${kind} ${crash.part === "half" ? "in the middle of" : "before"} ${name}`;
}

/** PostgreSQL documentation, "Message Formats". */
const messageNames: Readonly<Record<MessageMoment, Readonly<Record<string, string>>>> = {
  request: { Q: "Query", P: "Parse", D: "Describe", B: "Bind", E: "Execute", S: "Sync" },
  answer: {
    "1": "ParseComplete",
    "2": "BindComplete",
    t: "ParameterDescription",
    T: "RowDescription",
    n: "NoData",
    D: "DataRow",
    C: "CommandComplete",
    I: "EmptyQueryResponse",
    E: "ErrorResponse",
    N: "NoticeResponse",
    Z: "ReadyForQuery",
  },
};
