/** The frame of every page: what a browser may load (nothing), the style sheet, the head. */
import { sha256 } from "../core/numerics/digest.ts";
import { type Content, Html, html } from "./html.ts";
import { STYLES } from "./theme.ts";

/**
 * A whole page, with everything that it shows inside. No script runs in it and nothing is loaded
 * from anywhere: its Content-Security-Policy forbids both, whatever a record has in it.
 */
export async function page(title: string, body: Content): Promise<string> {
  const digest = Uint8Array.fromHex(await sha256(new TextEncoder().encode(STYLES))).toBase64();
  const policy = "default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'; " +
    `style-src 'sha256-${digest}'`;
  return html`
    <!DOCTYPE html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta http-equiv="Content-Security-Policy" content="${policy}">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <link rel="icon" href="data:,">
        <title>${title} · samebits</title>
        <style>${new Html(STYLES)}</style>
      </head>
      <body>
    ${body}
      </body>
    </html>
  `.text.trimStart();
}
