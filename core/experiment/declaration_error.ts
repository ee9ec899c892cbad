/** A file of its own, so that whoever only reads records loads no net and no device. */

/** A declaration, an option or a name that is wrong; the message says where and what to do. */
export class DeclarationError extends Error {
  override name = "DeclarationError";
}
