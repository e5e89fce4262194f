import { HarnessError } from "../base/harness-error.ts";

/** A table of the reference service that a strategy has under a name of its own. */
export interface TableMapping {
  readonly table: MappableTable;
  /** Its name in the strategy's statements. */
  readonly own: string;
  /** Columns that are called otherwise there; the others have the reference's names. */
  readonly columns: readonly ColumnMapping[];
  /** `file:line` of the mapping. */
  readonly where: string;
}

export interface ColumnMapping {
  readonly column: string;
  readonly own: string;
}

/** `effects` is where the harness writes down what was done; no strategy has to do with it. */
const mappable = ["jobs", "bots"] as const;
export type MappableTable = (typeof mappable)[number];
const reserved: readonly string[] = [...mappable, "effects"];

const form = "jobs = work_items (id = item_id, status = state), bots = agents";
const token = /\s*(?:"((?:[^"]|"")+)"|([A-Za-z_][A-Za-z0-9_$]*)|([=,()]))/y;

/**
 * Reads the value of `-- tables:`. The name of the reference stands left of `=`, as in a column definition the name
 * that is given stands before what it is given to; names are folded to lower case unless they are in double quotes.
 * HarnessError (usage) where the form is wrong.
 */
export function parseTables(text: string, where: string): readonly TableMapping[] {
  const words = new Words(text, where);
  const mappings: TableMapping[] = [];
  do {
    const table = words.name();
    words.expect("=");
    const own = words.name();
    const columns = words.take("(") ? columnList(words) : [];
    mappings.push(checked({ table, own, columns }, where, mappings));
  } while (words.take(","));
  words.expectEnd();
  return mappings;
}

function columnList(words: Words): readonly ColumnMapping[] {
  const columns: ColumnMapping[] = [];
  do {
    const column = words.name();
    words.expect("=");
    columns.push({ column, own: words.name() });
  } while (words.take(","));
  words.expect(")");
  return columns;
}

interface Written {
  readonly table: string;
  readonly own: string;
  readonly columns: readonly ColumnMapping[];
}

function checked(
  { table, own, columns }: Written,
  where: string,
  before: readonly TableMapping[],
): TableMapping {
  const known = mappable.find((name) => name === table);
  if (known === undefined) {
    throw fault(
      where,
      `"${table}" is not a table that can be mapped`,
      `they are ${list(mappable)}`,
    );
  }
  if (reserved.includes(own)) {
    const hint = `${list(reserved)} are the reference's; a table that keeps its name must keep its columns' names, or have another name in the set-up`;
    throw fault(where, `"${own}" cannot be a name of your own`, hint);
  }
  const names = [...before.flatMap((mapping) => [mapping.table, mapping.own]), known, own];
  rejectRepeated(where, "table", names);
  for (const side of ["column", "own"] as const) {
    rejectRepeated(
      where,
      "column",
      columns.map((mapping) => mapping[side]),
    );
  }
  return { table: known, own, columns, where };
}

function rejectRepeated(where: string, what: string, names: readonly string[]): void {
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated === undefined) return;
  throw fault(where, `${what} "${repeated}" is mapped twice`, "keep one of the two");
}

/** The words of a mapping, one after the other. */
class Words {
  readonly #text: string;
  readonly #where: string;
  #at = 0;

  constructor(text: string, where: string) {
    this.#text = text;
    this.#where = where;
  }

  name(): string {
    const before = this.#at;
    const [quoted, plain] = this.#next();
    if (quoted !== undefined) return quoted.replaceAll('""', '"');
    if (plain !== undefined) return plain.toLowerCase();
    this.#at = before;
    throw this.#wrong("a name");
  }

  take(sign: string): boolean {
    const before = this.#at;
    if (this.#next()[2] === sign) return true;
    this.#at = before;
    return false;
  }

  expect(sign: string): void {
    if (!this.take(sign)) throw this.#wrong(`"${sign}"`);
  }

  expectEnd(): void {
    if (this.#text.slice(this.#at).trim() !== "") throw this.#wrong('"," or the end');
  }

  #next(): readonly (string | undefined)[] {
    token.lastIndex = this.#at;
    const match = token.exec(this.#text);
    if (match === null) return [];
    this.#at = token.lastIndex;
    return match.slice(1);
  }

  #wrong(expected: string): HarnessError {
    const rest = this.#text.slice(this.#at).trim();
    const found = rest === "" ? "the line ends" : `"${rest}" stands`;
    return fault(
      this.#where,
      `tables: ${expected} is expected where ${found}`,
      `the form is: ${form}`,
    );
  }
}

function list(names: readonly string[]): string {
  return names.join(", ");
}

function fault(where: string, what: string, hint: string): HarnessError {
  return new HarnessError({ kind: "usage", what, where, hint });
}
