/**
 * Pictures behind a slider that needs no script: a group of radio buttons in a row, a stop for each
 * picture, of which the style sheet shows the chosen one. Arrow keys move between the stops by
 * themselves. On paper, and where there is no style sheet, all pictures stand one after the other.
 */
import { type Content, type Html, html } from "./html.ts";

/** A place of the slider, and what is seen there. */
export interface Stop {
  readonly name: string;
  readonly picture: Html;
  readonly caption: Content;
}

/** What a slider is made of. */
export interface PictureSlider {
  /** Names its buttons in the page. */
  readonly id: string;
  /** What the names of the stops are. */
  readonly legend: string;
  /** At least one; the last one is chosen at first. */
  readonly stops: readonly Stop[];
}

/**
 * The slider; of one stop, its picture.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { html } from "./html.ts";
 * import { pictureSlider } from "./picture_slider.ts";
 *
 * const stops = ["100", "200"].map((name) => ({ name, picture: html`<img>`, caption: name }));
 * const { text } = pictureSlider({ id: "png-0", legend: "Training steps", stops });
 * assert.equal(text.match(/<input type="radio" name="png-0"/g)!.length, 2);
 * assert.match(text, /checked>\s*<label for="png-0-2"><span>200<\/span><\/label>\s*<figure>/);
 * ```
 */
export function pictureSlider({ id, legend, stops }: PictureSlider): Html {
  const figures = stops.map(({ picture, caption }) =>
    html`<figure>${picture}<figcaption>${caption}</figcaption></figure>`
  );
  if (stops.length === 1) return html`<div class="single">${figures}</div>`;
  const all = stops.map(({ name }, i) => {
    const own = `${id}-${i + 1}`;
    const button = i === stops.length - 1
      ? html`<input type="radio" name="${id}" id="${own}" checked>`
      : html`<input type="radio" name="${id}" id="${own}">`;
    return html`
      ${button}
      <label for="${own}"><span>${name}</span></label>
      ${figures[i]!}
    `;
  });
  return html`
    <fieldset class="slider">
      <legend>${legend}</legend>
      <div>${all}</div>
    </fieldset>
  `;
}
