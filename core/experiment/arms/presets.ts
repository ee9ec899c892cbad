/** The names of the presets: they stand apart from define.ts, which needs nets to check one. */

/** Names of the presets, smallest first. */
export const PRESETS = ["quick", "standard", "lecture"] as const;

/** One of {@link PRESETS}. */
export type PresetName = (typeof PRESETS)[number];
