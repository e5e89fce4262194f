import { packageVersion } from "../../base/package-root.ts";
import { Markup, markup } from "./markup.ts";
import { style } from "./style.ts";

export interface DocumentParts {
  readonly title: string;
  readonly main: Markup;
  /** Version of doubletake that made what is shown; absent: this one. */
  readonly madeBy?: string;
  /** Style of this kind of page alone, beside the common one. Constant text of ours. */
  readonly style?: string;
  /** The one script that may run, and its hash for the policy; absent: none runs. */
  readonly script?: { readonly element: Markup; readonly hash: string };
}

/**
 * A whole page in one file. The policy in its head allows styles that stand in the page and the one script that is
 * ours, by its hash: no other script runs and nothing is loaded, wherever the file is opened.
 */
export function htmlDocument(parts: DocumentParts): string {
  const { title, main, madeBy = packageVersion(), script } = parts;
  // Style sheets and hashes are ours and constant: escaped, their quotes would mean something else.
  const styles = new Markup(`<style>${style}${parts.style ?? ""}</style>`);
  const scripts = script === undefined ? "" : new Markup(` script-src '${script.hash}';`);
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline';${scripts} base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="doubletake ${madeBy}">
<title>${title} (doubletake)</title>
${styles}
</head>
<body>
<main>
${main}
</main>
${script?.element}
</body>
</html>
`.toString();
}
