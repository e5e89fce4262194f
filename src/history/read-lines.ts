import { createReadStream } from "node:fs";
import { HarnessError } from "../base/harness-error.ts";

export interface TextLine {
  /** 1, 2, 3 … */
  readonly number: number;
  readonly text: string;
  /** False for a last line that no line feed ends: whoever wrote it may have been killed in the middle. */
  readonly isWhole: boolean;
}

/** A line longer than this is not a history; it would only fill the memory. */
const longestLine = 64 * 1024 * 1024;

/** The lines of a text file that are not blank, with one chunk of it in memory. HarnessError (usage) if it cannot be read. */
export async function* readLines(file: string): AsyncGenerator<readonly TextLine[]> {
  let number = 0;
  let rest = "";
  try {
    for await (const chunk of createReadStream(file, {
      encoding: "utf8",
      highWaterMark: 1 << 18,
    })) {
      const parts = (rest + (chunk as string)).split("\n");
      rest = parts.pop() as string;
      if (rest.length > longestLine) throw tooLong(file, number + 1);
      const first = number + 1;
      number += parts.length;
      yield parts.flatMap((text, at) => line({ number: first + at, text, isWhole: true }));
    }
  } catch (cause) {
    throw cause instanceof HarnessError ? cause : cannotRead(file, cause);
  }
  yield line({ number: number + 1, text: rest, isWhole: false });
}

/** Files written on Windows may begin with a byte order mark. */
function line({ number, text, isWhole }: TextLine): readonly TextLine[] {
  const clean = number === 1 ? text.replace(/^\uFEFF/, "") : text;
  return clean.trim() === "" ? [] : [{ number, text: clean, isWhole }];
}

function tooLong(file: string, number: number): HarnessError {
  return new HarnessError({
    kind: "usage",
    what: "the line is longer than 64 MiB",
    where: `${file}:${number}`,
    hint: "a history is one JSON object a line",
  });
}

function cannotRead(file: string, cause: unknown): HarnessError {
  const { code, message } = cause as NodeJS.ErrnoException;
  const what = code === "ENOENT" ? "there is no such history" : `it cannot be read: ${message}`;
  const hint = "name a run folder, or a history.ndjson";
  return new HarnessError({ kind: "usage", what, where: file, hint, cause });
}
