/** What a route answers. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A request that cannot be carried out: a status and Toxiproxy's text for it. */
export class ApiError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export const apiErrors = {
  badBody: (detail: string) => new ApiError(400, `bad request body: ${detail}`),
  missingField: (field: string) => new ApiError(400, `missing required field: ${field}`),
  proxyNotFound: () => new ApiError(404, "proxy not found"),
  proxyExists: () => new ApiError(409, "proxy already exists"),
  invalidStream: () =>
    new ApiError(400, "stream was invalid, can be either upstream or downstream"),
  invalidToxicType: () => new ApiError(400, "invalid toxic type"),
  toxicExists: () => new ApiError(409, "toxic already exists"),
  toxicNotFound: () => new ApiError(404, "toxic not found"),
  connectionNotFound: () => new ApiError(404, "connection not found"),
} as const;

const json = { "Content-Type": "application/json" };

export function jsonReply(status: number, value: unknown): Reply {
  return { status, headers: json, body: goJson(value) };
}

export function emptyReply(status: number): Reply {
  return { status, headers: {}, body: "" };
}

/** Plain text as Go's `http.Error` sends it. */
export function textReply(status: number, body: string): Reply {
  const headers = {
    "Content-Type": "text/plain; charset=utf-8",
    "X-Content-Type-Options": "nosniff",
  };
  return { status, headers, body };
}

/** JSON with the content type of plain text: a quirk of Toxiproxy's that its clients have learned. */
export function errorReply(error: ApiError): Reply {
  return textReply(error.status, `${goJson({ error: error.message, status: error.status })}\n`);
}

/** `JSON.stringify`, with the characters escaped that Go's encoder escapes for use inside HTML. */
function goJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(/[<>&\u2028\u2029]/g, escapeCharacter);
}

function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
