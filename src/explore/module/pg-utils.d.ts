/** How `pg` writes values for the server; its types leave it out. */
declare module "pg/lib/utils.js" {
  const utils: { readonly prepareValue: (value: unknown) => unknown };
  export default utils;
}
