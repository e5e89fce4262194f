/**
 * A URL as it may be shown: without the password, and without the query, which may hold one too.
 *
 * By hand and not by the URL class: what does not parse is shown as well, and may hold a password all the same. A login
 * ends at the last @, because a password may hold one, or a ?, that nobody encoded.
 */
export function redactUrl(text: string): string {
  const shown = text.replace(/^([a-z][\w+.-]*:\/\/)?(.*)@/is, (_all, ...groups: string[]) => {
    const [scheme = "", login = ""] = groups;
    const [user, password] = login.split(":", 2);
    return `${scheme}${user}${password === undefined ? "" : ":***"}@`;
  });
  return shown.replace(/[?#].*$/s, "");
}
