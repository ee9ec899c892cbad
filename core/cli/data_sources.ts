/** Where commands look for data, and how they fetch what is not there. */
import { downloadDataset } from "../data/download.ts";
import type { Formats } from "../data/format.ts";
import type { DataDirectory, Downloader } from "../data/load.ts";
import type { TransferProgress } from "../data/transfer.ts";
import { denoHost } from "../experiment/host.ts";
import { formatBytes, formatSeconds } from "../experiment/records/format.ts";
import type { Screen } from "./screen.ts";

const CACHE = ".cache";
/** Milliseconds between two live lines: pieces arrive faster than anybody reads. */
const LIVE_MILLISECONDS = 100;

/** Where data are looked for, in this order. */
export function dataDirectories(dataDir: string | undefined): DataDirectory[] {
  const variable = Deno.env.get("SAMEBITS_DATA");
  return [
    ...(dataDir ? [{ path: dataDir, given: true, origin: "--data-dir" }] : []),
    ...(variable ? [{ path: variable, given: true, origin: "SAMEBITS_DATA" }] : []),
    { path: CACHE, given: false, origin: "the cache" },
  ];
}

/** Fetches into the cache, with a live line. */
export function downloader(screen: Screen, formats: Formats): Downloader {
  return async (name) => {
    try {
      return await downloadDataset(formats[name], {
        store: denoHost,
        folder: `${CACHE}/${name}`,
        progress: progressLine(screen),
      });
    } finally {
      screen.live("");
    }
  };
}

/** Shows how far a transfer is: `a.gz  4.5 MB of 9.9 MB  1.2 MB/s  5 s left  example.org`. */
export function progressLine(
  screen: Screen,
  now = () => performance.now(),
): (progress: TransferProgress) => void {
  let start: (TransferProgress & { readonly time: number }) | undefined;
  let shownAt = -Infinity;
  return (progress) => {
    const { archive, host, bytes, of } = progress;
    if (bytes === of) return screen.live(`  ${archive}  unpacking and verifying`);
    const time = now();
    if (start?.archive !== archive || start.host !== host || bytes <= start.bytes) {
      start = { ...progress, time };
      shownAt = -Infinity;
    }
    if (time - shownAt < LIVE_MILLISECONDS) return;
    shownAt = time;
    const perSecond = 1000 * (bytes - start.bytes) / (time - start.time);
    const speed = perSecond > 0
      ? [`${formatBytes(perSecond)}/s`, `${formatSeconds((of - bytes) / perSecond)} left`]
      : [];
    screen.live(
      [`  ${archive}`, `${formatBytes(bytes)} of ${formatBytes(of)}`, ...speed, host].join("  "),
    );
  };
}
