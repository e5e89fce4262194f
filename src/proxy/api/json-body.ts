import type { IncomingMessage } from "node:http";
import { ApiError, apiErrors } from "./reply.ts";

/** A body of 10,000 proxies has 2 MB. */
const largestBodyBytes = 16 * 1024 * 1024;

/** The first JSON value of the body; what follows it is ignored, as Go's decoder does. */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const text = (await readBody(request)).toString("utf8");
  const value = firstJsonValue(text);
  if (value.trim() === "") throw apiErrors.badBody("EOF");
  try {
    return JSON.parse(value) as unknown;
  } catch (error) {
    throw apiErrors.badBody(error instanceof Error ? error.message : String(error));
  }
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > largestBodyBytes) throw new ApiError(413, "http: request body too large");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The text up to the end of its first value. Only finds the end: whether it is valid JSON, `JSON.parse` says. */
export function firstJsonValue(text: string): string {
  const start = text.search(/[^\s]/);
  if (start < 0) return "";
  const opening = text[start];
  if (opening === '"') return text.slice(start, endOfString(text, start));
  if (opening === "{" || opening === "[") return text.slice(start, endOfNesting(text, start));
  const length = /[\s,{}[\]"]/.exec(text.slice(start))?.index ?? text.length - start;
  return text.slice(start, start + Math.max(1, length));
}

function endOfNesting(text: string, start: number): number {
  let depth = 0;
  for (let i = start; i < text.length; i++) {
    const character = text[i];
    if (character === '"') i = endOfString(text, i) - 1;
    else if (character === "{" || character === "[") depth++;
    else if ((character === "}" || character === "]") && --depth === 0) return i + 1;
  }
  return text.length;
}

function endOfString(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i++) {
    if (text[i] === "\\") i++;
    else if (text[i] === '"') return i + 1;
  }
  return text.length;
}
