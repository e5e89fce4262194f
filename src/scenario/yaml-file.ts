import { isAlias, isMap, isNode, isPair, isScalar, isSeq } from "yaml";
import { Lexer, LineCounter, parseDocument, visit } from "yaml";
import type { Document, Node, Pair } from "yaml";
import { problemsError } from "./problem.ts";
import type { Path, Problem } from "./problem.ts";
import type { Position } from "./position.ts";

/** A YAML file as plain data, and where each part of it stands. */
export interface YamlFile {
  readonly value: unknown;
  /** The place of a key or value; of the nearest part above it that exists, where the path leads nowhere. */
  position(path: Path, at?: "key" | "value"): Position;
}

export interface SourceText {
  /** The path as the user gave it. */
  readonly file: string;
  readonly text: string;
}

const maxBytes = 256 * 1024;
/** The parser calls itself per level; a scenario has five. */
const maxDepth = 50;
/** How many nodes aliases may stand for before the file is taken for a bomb ("billion laughs"). */
const maxAliasCount = 100;

/** Parses YAML 1.2. HarnessError (usage) with every syntax problem of the file at its position. */
export function readYaml({ file, text }: SourceText): YamlFile {
  const source = text.startsWith("\uFEFF") ? text.slice(1) : text;
  const fail = (...problems: readonly Problem[]): never => {
    throw problemsError(file, problems);
  };
  const tooMuch = boundsProblem(source);
  if (tooMuch !== undefined) fail(tooMuch);

  const lines = new LineCounter();
  const document = parseDocument(source, {
    lineCounter: lines,
    prettyErrors: false,
    stringKeys: true,
    // Anything below would hide that a file holds two documents.
    logLevel: "error",
  });
  const problems = [...syntaxProblems(document, lines), ...aliasProblems(document, lines)];
  if (problems.length > 0) fail(...problems);
  try {
    const value: unknown = document.toJS({ maxAliasCount });
    return { value, position: (path, at) => positionOf({ document, lines, path, at }) };
  } catch (error) {
    const hint = "write the values out instead of repeating anchors";
    const what = `the file cannot be expanded: ${(error as Error).message}`;
    return fail({ position: { line: 1, column: 1 }, what, hint });
  }
}

function boundsProblem(text: string): Problem | undefined {
  const position = { line: 1, column: 1 };
  if (text.length > maxBytes) {
    const size = Math.ceil(text.length / 1024);
    return { position, what: `the file has ${size} KiB; a scenario has at most 256` };
  }
  const line = tooDeepLine(text);
  return line === undefined
    ? undefined
    : { position: { line, column: 1 }, what: `nested deeper than ${maxDepth} levels` };
}

/**
 * The line on which brackets, or dashes in a row, nest too deep. Looked at before parsing, because a parser that runs
 * out of stack takes the process with it. Nesting by indentation is bounded by the size of the file.
 */
function tooDeepLine(text: string): number | undefined {
  let line = 1;
  let brackets = 0;
  let dashes = 0;
  for (const token of new Lexer().lex(text)) {
    if (token === "[" || token === "{") brackets++;
    if (token === "]" || token === "}") brackets--;
    if (token === "-" || token === "?") dashes++;
    if (brackets > maxDepth || dashes > maxDepth) return line;
    for (const character of token) if (character === "\n") line++;
    if (token.endsWith("\n")) dashes = 0;
  }
  return undefined;
}

function syntaxProblems(document: Document, lines: LineCounter): Problem[] {
  return [...document.errors, ...document.warnings].map((error) => ({
    position: toPosition(lines, error.pos[0]),
    what: sentences[error.code] ?? `not valid YAML: ${error.message}`,
    hint: hints[error.code],
  }));
}

const sentences: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: "this key stands twice",
  TAB_AS_INDENT: "a tab is used as indentation",
  MULTIPLE_DOCS: "the file holds more than one document",
};

const hints: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: "remove one of the two",
  TAB_AS_INDENT: "indent with spaces",
  MULTIPLE_DOCS: "one scenario a file; remove the line ---",
};

/** Aliases without an anchor, and those that stand inside what they repeat, which would never end. */
function aliasProblems(document: Document, lines: LineCounter): Problem[] {
  const problems: Problem[] = [];
  visit(document, {
    Alias(_key, alias, ancestors) {
      const anchored = alias.resolve(document);
      const position = toPosition(lines, alias.range?.[0] ?? 0);
      const name = `*${alias.source}`;
      if (anchored === undefined) {
        problems.push({ position, what: `${name} repeats an anchor that does not exist` });
      } else if (ancestors.includes(anchored)) {
        problems.push({ position, what: `${name} repeats itself without end` });
      }
    },
  });
  return problems;
}

interface Lookup {
  readonly document: Document;
  readonly lines: LineCounter;
  readonly path: Path;
  readonly at: "key" | "value" | undefined;
}

function positionOf({ document, lines, path, at }: Lookup): Position {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const [depth, segment] of path.entries()) {
    const child = childOf(resolved(node, document), segment);
    if (child === undefined) break;
    const wantsKey = at === "key" && depth === path.length - 1;
    const key = isPair(child) ? startOf(child.key) : undefined;
    node = isPair(child) ? child.value : child;
    const value = isEmpty(node) ? undefined : startOf(node);
    offset = (wantsKey ? (key ?? value) : (value ?? key)) ?? offset;
  }
  return toPosition(lines, offset);
}

function childOf(node: unknown, segment: PropertyKey): Node | Pair | undefined {
  if (isMap(node)) return node.items.find((pair) => keyText(pair) === String(segment));
  if (!isSeq(node)) return undefined;
  const item = node.items[Number(segment)];
  return isNode(item) ? item : undefined;
}

function keyText(pair: Pair): string {
  return isScalar(pair.key) ? String(pair.key.value) : String(pair.key);
}

function resolved(node: unknown, document: Document): unknown {
  return isAlias(node) ? node.resolve(document) : node;
}

/** `key:` with nothing after it: its value has no text to point at. */
function isEmpty(node: unknown): boolean {
  return isScalar(node) && node.source === "";
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}

function toPosition(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}
